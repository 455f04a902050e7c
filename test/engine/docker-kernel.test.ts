import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { runInside } from "../../runner/backends/docker/run-inside.ts";
import type { Fault } from "../../runner/plan.ts";
import { realRuns } from "../support/real-runs.ts";
import { haveTcImage, netemAnswer } from "./docker-kernel-image.ts";
import { aDockerBackend, anEngine, ON_DOCKER, thingsOf } from "./docker-runs.ts";
import { engineSuite } from "./need-engine.ts";

const HEAD = `seed: 1
nodes: { count: 4, hashRate: 2kH/s }
chain: { difficulty: 12 }
transactions: { rate: 5/s, confirmations: 2 }
`;

const NETEM = `name: netem
duration: 56s
${HEAD}network: { latency: { kind: lognormal, median: 40ms, sigma: 0.3 }, loss: 1%, enforce: kernel }
timeline:
  - { at: 4s, latency: 150ms }
  - { at: 14s, loss: 20% }
  - { at: 24s, partition: [[0, 1], [2, 3]] }
  - { at: 30s, heal: all }
  - { at: 44s, latency: { kind: uniform, min: 20ms, max: 80ms } }
`;

/** Needs uplinks alone: what these want of a kernel, most have. */
const UPLINKS = `duration: 600s
${HEAD}network: { latency: 0ms, bandwidth: 20Mbit/s, enforce: kernel }
timeline: [{ at: 100s, partition: [[0, 1], [2, 3]] }, { at: 200s, heal: all }]
`;

engineSuite("links shaped by the kernel", () => {
  const runs = realRuns();
  const never = new AbortController().signal;

  test("a scenario with latency runs where the kernel has netem, and is refused before anything starts where it has not", async () => {
    const engine = await anEngine();
    const lackOfImage = await haveTcImage();
    const file = join(runs.folder, "netem.yaml");
    await writeFile(file, NETEM);
    const runner = runs.start(file, ON_DOCKER);
    const status = await runner.status;
    expect(await thingsOf(engine, runner.child.pid)).toEqual([]);
    if (lackOfImage !== null) {
      console.log(`no image with tc: ${lackOfImage}`);
      expect([status, runner.said.stdout]).toEqual([4, ""]);
      expect(runner.said.stderr).toContain("TC_IMAGE in the environment names an image to be used instead");
      return;
    }
    const answer = await netemAnswer(engine, process.env.TC_IMAGE ?? "");
    console.log(`netem on Linux ${engine.version.kernel}: ${answer ?? "there"}`);
    if (answer !== null) {
      expect([status, runner.said.stdout]).toEqual([4, ""]);
      const { stderr } = runner.said;
      expect(stderr).toContain(
        "--on docker cannot be used: network.enforce is kernel, but the kernel of this",
      );
      expect(stderr).toMatch(
        /to "tc qdisc replace dev shaped .* netem .* delay 1000us .*", tried in a container/,
      );
      expect(stderr).toContain(`it answered "${answer}"`);
      expect(stderr).toContain("Leave network.enforce at node, and the sending nodes shape them");
      return;
    }
    const faults: Record<string, string>[] = parse(await runs.readLatest("netem", "faults.csv"), {
      columns: true,
    });
    expect(faults.map(({ word, probed }) => [word, probed])).toEqual(
      ["latency", "loss", "partition", "heal", "latency"].map((word) => [word, "true"]),
    );
    expect(faults[0]?.evidence).toContain("the kernel has these rules on 12 links");
  }, 118_000);

  test("uplinks are the kernel's through crash and partition, the nodes know nothing of it, and a rule that is wrong is found", async (context) => {
    const engine = await anEngine();
    const lackOfImage = await haveTcImage();
    if (lackOfImage !== null) {
      console.log(`no image with tc: ${lackOfImage}`);
      return context.skip();
    }
    const { backend, plan } = await aDockerBackend(runs.folder, "uplinks", UPLINKS);
    try {
      expect(await backend.start(never)).toMatchObject({ ok: true });
      const [things] = await thingsOf(engine);
      const idOf = (suffix: string) => things?.containers.find(({ name }) => name.endsWith(suffix))?.id ?? "";
      const holderOf = (node: number) => idOf(`-node-${node}-network`);
      const inHolder = async (node: number, ...command: string[]) =>
        (await runInside(engine, holderOf(node), command, 10_000))?.stdout ?? "";
      const rate = (nodes: number[], bitsPerSec: number | null): Fault => ({
        word: "bandwidth",
        nodes,
        bitsPerSec,
      });

      // Who may change rules is the holder of the network, and nobody else.
      const capabilities = async (id: string) => {
        const { HostConfig } = await engine.streams.getContainer(id).inspect();
        return [HostConfig.CapDrop, HostConfig.CapAdd];
      };
      expect(await capabilities(holderOf(0))).toEqual([["ALL"], ["NET_ADMIN"]]);
      expect(await capabilities(idOf("-node-0"))).toEqual([["ALL"], null]);
      const told = await runInside(engine, idOf("-node-0"), ["cat", "/data/links.json"], 10_000);
      expect(JSON.parse(told?.stdout ?? "")).toMatchObject({
        uplinkBitsPerSec: null,
        links: { "node-1": { latency: { kind: "constant", delayUs: 0 }, lossRatio: 0, cut: false } },
      });

      // Each peer has one class of the uplink, and what the nodes have told each other went through it.
      const classes = await inHolder(0, "tc", "-s", "class", "show", "dev", "shaped");
      expect(
        [...classes.matchAll(/class htb (\S+) parent 1:1 .* ceil 20Mbit/g)].map(([, id]) => id).sort(),
      ).toEqual(["1:3", "1:4", "1:5"]);
      expect([...classes.matchAll(/Sent \d+ bytes (\d+) pkt/g)].every(([, count]) => Number(count) > 5)).toBe(
        true,
      );

      expect(await backend.apply(rate([0, 1], 2_000_000))).toMatchObject({ applied: true, probed: true });
      const uplink = ["class", "change", "dev", "shaped", "parent", "1:", "classid", "1:1", "htb"];
      // A planted fault: behind the runner's back, a uplink that is five times too fast.
      const faster = ["rate", "10mbit", "ceil", "10mbit", "burst", "2k", "cburst", "2k"];
      await inHolder(0, "tc", ...uplink, ...faster);
      for (const peer of [3, 4, 5])
        await inHolder(
          0,
          "tc",
          "class",
          "change",
          "dev",
          "shaped",
          "parent",
          "1:1",
          "classid",
          `1:${peer}`,
          "htb",
          ...faster,
        );
      const found = await backend.apply(rate([0, 1], 2_000_000));
      expect(found).toMatchObject({ applied: true, probed: false });
      expect(found.evidence).toMatch(/^asked 2 Mbit\/s, measured: node-0 \S+ Mbit\/s$/);

      // Nothing is lost until the node's own kernel drops what goes to one peer.
      const lossless: Fault = {
        word: "loss",
        links: [
          [0, 1],
          [1, 0],
        ],
        ratio: 0,
      };
      expect(await backend.apply(lossless)).toMatchObject({ applied: true, probed: true });
      const hosts = await inHolder(0, "cat", "/etc/hosts");
      const address = /(\S+)\s+node-1/.exec(hosts)?.[1] ?? "";
      await inHolder(0, "ip", "route", "add", "blackhole", `${address}/32`);
      const lost = await backend.apply(lossless);
      expect(lost).toMatchObject({ applied: true, probed: false });
      expect(lost.evidence).toContain("300 of 600 datagrams lost on 2 links, 0.0 due: node-0>node-1 100 %");
      await inHolder(0, "ip", "route", "del", "blackhole", `${address}/32`);

      const [cut, heal] = plan.timeline.map(({ fault }) => fault);
      if (cut === undefined || heal === undefined) throw new Error("the plan has two faults");
      const parted = await backend.apply(cut);
      expect(parted).toMatchObject({ applied: true, probed: true });
      expect(parted.evidence).toContain("cut by the network");
      // While it is unplugged, and then over interfaces that it did not have when it began.
      for (const node of [0, 1, 2, 3])
        expect(await backend.apply(rate([node], 5_000_000))).toMatchObject({ probed: true });
      expect(await backend.apply(heal)).toMatchObject({ applied: true, probed: true });
      for (const node of [0, 1, 2, 3])
        expect(
          await inHolder(
            node,
            "sh",
            "-c",
            "for d in $(ls /sys/class/net); do tc filter show dev $d egress; done",
          ),
        ).toMatch(/(mirred \(Egress Redirect to device shaped\)[\s\S]*){2}/);
      expect(await backend.apply(rate([0, 1, 2, 3], 3_000_000))).toMatchObject({ probed: true });

      expect(await backend.apply({ word: "crash", nodes: [2] })).toMatchObject({
        applied: true,
        probed: true,
      });
      // What changes while a node is down is in force when it comes back.
      expect(await backend.apply(rate([2], 1_000_000))).toMatchObject({ applied: true, probed: null });
      expect(await backend.apply({ word: "restart", nodes: [2] })).toMatchObject({
        applied: true,
        probed: true,
      });
      expect(await inHolder(2, "tc", "class", "show", "dev", "shaped")).toContain(
        "class htb 1:1 root rate 1Mbit ceil 1Mbit",
      );
      expect(await backend.apply(rate([2], 1_000_000))).toMatchObject({ applied: true, probed: true });
      expect(await backend.apply(rate([0, 1, 2, 3], null))).toMatchObject({ applied: true, probed: true });
    } finally {
      await backend.stop();
    }
    expect(await thingsOf(engine)).toEqual([]);
  }, 170_000);
});
