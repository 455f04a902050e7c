import { type ChildProcess, spawn } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { Prng } from "../node/core/support/prng.ts";
import { ProcessesBackend } from "../runner/backends/processes/processes-backend.ts";
import { runPlan } from "../runner/driver/run.ts";
import { Journal } from "../runner/record/journal.ts";
import type { RunEvent } from "../runner/record/run-event.ts";
import { parseScenario } from "../runner/scenario/load.ts";
import { planRun } from "../runner/scenario/plan-run.ts";

/** Real nodes, few and for seconds. What is asserted does not depend on how fast the machine is. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forklab-processes-"));
});
const started: ChildProcess[] = [];
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** Checks of trust that a machine which is busy with something else fails. */
const OF_THE_MACHINE = new Set([
  "event-loop",
  "hash-rate",
  "load-on-time",
  "load-complete",
  "faults-on-time",
]);

const verdictSchema = z.object({
  exitStatus: z.int(),
  expectations: z.array(z.object({ name: z.string(), finding: z.string() })),
  trust: z.array(z.object({ check: z.string(), finding: z.string(), evidence: z.string() })),
});

/** Little hashing, so that the suite leaves the machine to others. */
const HEAD = `seed: 1
chain: { difficulty: 12 }
network: { latency: 10ms }
transactions: { rate: 5/s, confirmations: 2 }
`;

async function scenarioOf(name: string, text: string): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, `name: ${name}\n${HEAD}${text}`);
  return file;
}

function startForklab(...words: string[]) {
  const child = spawn(process.execPath, ["runner/main.ts", ...words, "--out", join(folder, "results")]);
  started.push(child);
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    said.stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said.stderr += chunk.toString();
  });
  const status = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, said, status };
}

/** Process ids whose command line names this suite's folder: nodes of its runs. */
async function nodesAlive(): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return words.includes("node/main.ts") && words.includes(folder) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + 15_000;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`after 15 s still not: ${what}`);
    await setTimeout(50);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function tableOf(name: string, table: string): Promise<Record<string, string>[]> {
  const text = await readFile(join(folder, "results", name, "latest", table), "utf8");
  return parse(text, { columns: true });
}

test("four nodes that are split find together again; every fault is seen at work, and nobody is left behind", async () => {
  const file = await scenarioOf(
    "split",
    `duration: 7s
nodes: { count: 4, hashRate: 2kH/s }
timeline:
  - { at: 1s, partition: [[0, 1], [2, 3]] }
  - { at: 2s, latency: 60ms }
  - { at: 2500ms, hashRate: 1kH/s, nodes: 0 }
  - { at: 4s, heal: all }
expect: { converged: { within: 3s } }
`,
  );
  const run = startForklab(file);
  const status = await run.status;
  const verdict = verdictSchema.parse(
    JSON.parse(await readFile(join(folder, "results", "split", "latest", "verdict.json"), "utf8")),
  );
  expect(verdict.expectations, run.said.stdout).toMatchObject([{ name: "converged", finding: "true" }]);
  const doubts = verdict.trust.filter(
    ({ check, finding }) => finding === "false" && !OF_THE_MACHINE.has(check),
  );
  expect(doubts).toEqual([]);
  expect(status).toBe(verdict.exitStatus);
  expect(run.said.stdout.split("\n")[0]).toContain(
    "split: 4 nodes for 7 s, as processes on this machine, seed 1.",
  );
  expect((await tableOf("split", "faults.csv")).map(({ word, probed }) => [word, probed])).toEqual([
    ["partition", "true"],
    ["latency", "true"],
    ["hashRate", "true"],
    ["heal", "true"],
  ]);
  const transactions = await tableOf("split", "transactions.csv");
  expect(transactions.length).toBeGreaterThan(10);
  expect(await nodesAlive()).toEqual([]);
}, 40_000);

/** Where a node listens: it keeps its port when it restarts. */
async function urlOf(run: string, node: number): Promise<string | undefined> {
  const log = await readFile(join(folder, run, "logs", `node-${node}.log`), "utf8");
  return log.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
}

/** Blocks that a node found on its disk at its last start. */
async function restoredCount(run: string, node: number): Promise<number> {
  const log = await readFile(join(folder, run, "logs", `node-${node}.log`), "utf8");
  return Number([...log.matchAll(/"restoredCount":(\d+)/g)].at(-1)?.[1]);
}

test("a node that was killed comes back with every block it had told of, and catches up", async () => {
  const { backend, events, plan } = await aBackend(
    "killed",
    "duration: 60s\nnodes: { count: 3, hashRate: 4kH/s }\n",
  );
  try {
    expect(await backend.start(new AbortController().signal)).toMatchObject({ ok: true });
    await until(() => held(events, 2).size >= 5, "node 2 holds five blocks");
    expect(await backend.apply({ word: "crash", nodes: [2] })).toMatchObject({ applied: true, probed: true });
    const told = held(events, 2);
    await until(() => held(events, 0).size >= told.size + 3, "the others went on");
    expect(await backend.apply({ word: "restart", nodes: [2] })).toMatchObject({
      applied: true,
      probed: true,
    });
    const url = await urlOf("killed", 2);
    for (const hash of told) {
      const answer = await fetch(`${url}/blocks/${hash}`);
      expect(answer.status, `block ${hash}`).toBe(200);
    }
    const tipOf = (node: number) =>
      events.findLast((event) => event.type === "tip-changed" && event.node === node);
    await until(async () => {
      const [mine, others] = [tipOf(2), tipOf(0)];
      return (
        mine?.type === "tip-changed" && others?.type === "tip-changed" && mine.height >= others.height - 1
      );
    }, "node 2 caught up");
    expect(
      events.filter((event) => event.type === "node-changed").map((event) => [event.node, event.state]),
    ).toEqual([...plan.nodes.map(({ index }) => [index, "started"]), [2, "crashed"], [2, "started"]]);
  } finally {
    const ends = await backend.stop();
    expect(ends.map(({ up, failure }) => [up, failure])).toEqual(plan.nodes.map(() => [true, null]));
    expect(ends.every(({ coins, coinsExpected }) => coins !== null && coins === coinsExpected)).toBe(true);
  }
  expect(await nodesAlive()).toEqual([]);
}, 40_000);

test("three nodes that are killed together at five random moments lose no block that they had told of", async () => {
  const { backend, events } = await aBackend(
    "killed-together",
    "duration: 60s\nnodes: { count: 3, hashRate: 8kH/s }\n",
  );
  const nodes = [0, 1, 2];
  const moments = new Prng("killed together").stream("moments");
  try {
    expect(await backend.start(new AbortController().signal)).toMatchObject({ ok: true });
    for (let round = 1; round <= 5; round++) {
      const heldBefore = held(events, 0).size;
      await until(() => held(events, 0).size > heldBefore, `node 0 holds another block in round ${round}`);
      await setTimeout(moments.integer(700));
      expect(await backend.apply({ word: "crash", nodes })).toMatchObject({ applied: true });
      const told = nodes.map((node) => held(events, node));
      // All are down, so that none can fetch from another what it lost.
      expect(await backend.apply({ word: "restart", nodes })).toMatchObject({ applied: true });
      for (const node of nodes) {
        // From its own disk, not from a peer that came back sooner.
        expect(await restoredCount("killed-together", node)).toBeGreaterThanOrEqual(told[node]?.size ?? 0);
        const url = await urlOf("killed-together", node);
        for (const hash of told[node] ?? []) {
          const answer = await fetch(`${url}/blocks/${hash}`);
          expect(answer.status, `round ${round}, node ${node}, block ${hash}`).toBe(200);
        }
      }
    }
    expect(held(events, 0).size).toBeGreaterThan(5);
  } finally {
    await backend.stop();
  }
  expect(await nodesAlive()).toEqual([]);
}, 60_000);

test("a node that stands still is seen to, takes no transactions, and goes on with what it missed", async () => {
  const { backend, events } = await aBackend(
    "paused",
    "duration: 60s\nnodes: { count: 2, hashRate: 4kH/s }\n",
  );
  try {
    await backend.start(new AbortController().signal);
    expect(await backend.apply({ word: "pause", nodes: [1] })).toMatchObject({ applied: true, probed: true });
    const answered = new Promise((resolve) => backend.askSequence(1, backend.keys.publicKeyOf(0), resolve));
    expect(await answered).toBeNull();
    const before = held(events, 0).size;
    await until(() => held(events, 0).size >= before + 3, "the other goes on");
    expect(await backend.apply({ word: "resume", nodes: [1] })).toMatchObject({
      applied: true,
      probed: true,
    });
    const wanted = held(events, 0);
    await until(() => [...wanted].every((hash) => held(events, 1).has(hash)), "it caught up");
  } finally {
    await backend.stop();
  }
  expect(await nodesAlive()).toEqual([]);
}, 40_000);

test("a node that dies unasked is named, the run goes on, and its verdict is unknown", async () => {
  const file = await scenarioOf("dies", "duration: 4s\nnodes: { count: 3, hashRate: 2kH/s }\n");
  const run = startForklab(file);
  await until(() => /\d forks? · /.test(run.said.stderr), "the run has begun");
  const [victim] = await nodesAlive();
  if (victim !== undefined) process.kill(victim, "SIGKILL");
  expect(await run.status).toBe(2);
  expect(run.said.stderr).toMatch(/^node-\d: the process was killed by SIGKILL, unasked; its last words: /m);
  expect(run.said.stdout).toContain("nodes-alive");
  expect(await nodesAlive()).toEqual([]);
}, 40_000);

test("Ctrl-C ends the nodes, writes what was recorded, says so and exits with 130", async () => {
  const file = await scenarioOf(
    "stopped",
    "duration: 600s\nnodes: { count: 3, hashRate: 2kH/s }\ntimeline: [{ at: 1s, pause: 2 }]\n",
  );
  const run = startForklab(file);
  await until(() => /\d forks? · /.test(run.said.stderr), "the run has begun");
  await until(() => existsIn("stopped", "events.csv.part", "paused"), "the pause is journalled");
  run.child.kill("SIGINT");
  expect(await run.status).toBe(130);
  expect(run.said.stderr).toContain("Interrupted: stopping the nodes and writing what was recorded.");
  const manifest: unknown = JSON.parse(
    await readFile(join(folder, "results", "stopped", "latest", "manifest.json"), "utf8"),
  );
  expect(manifest).toMatchObject({ interrupted: true });
  const verdict: unknown = JSON.parse(
    await readFile(join(folder, "results", "stopped", "latest", "verdict.json"), "utf8"),
  );
  expect(verdict).toMatchObject({ outcome: "unknown" });
  expect(await nodesAlive()).toEqual([]);
}, 40_000);

test("no node outlives a runner that was killed, not even one that stands still", async () => {
  const file = await scenarioOf(
    "orphans",
    "duration: 600s\nnodes: { count: 3, hashRate: 2kH/s }\ntimeline: [{ at: 500ms, pause: 1 }]\n",
  );
  const run = startForklab(file);
  await until(() => existsIn("orphans", "events.csv.part", "paused"), "the pause is journalled");
  expect(isRunning(run.child)).toBe(true);
  expect((await nodesAlive()).length).toBe(3);
  run.child.kill("SIGKILL");
  await run.status;
  await until(async () => (await nodesAlive()).length === 0, "every node is gone");
}, 40_000);

test("a node that dies at the start ends the run before it begins, with the node's last words", async () => {
  const main = join(folder, "broken-node.mjs");
  await writeFile(
    main,
    `process.stderr.write("one\\nforklab node: no room on the disk\\n"); process.exit(1);`,
  );
  const { backend, plan, events } = await aBackend(
    "broken",
    "duration: 5s\nnodes: { count: 3, hashRate: 2kH/s }\n",
    main,
  );
  const outcome = await runPlan(plan, backend, new Journal(), {
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  expect(outcome).toMatchObject({ end: "not-started" });
  if (outcome.end !== "not-started") return;
  expect(outcome.reason.replaceAll(folder, "")).toMatch(
    /^node-\d exited with status 1\. Its last words \(\/broken\/logs\/node-\d\.log\):\n {4}one\n {4}forklab node: no room on the disk$/,
  );
  expect(events).toEqual([]);
}, 40_000);

async function aBackend(name: string, text: string, main?: string) {
  const plan = planRun(parseScenario(`name: ${name}\n${HEAD}${text}`, `${name}.yaml`));
  const events: RunEvent[] = [];
  const runFolder = join(folder, name);
  await mkdir(runFolder);
  const emit = (event: RunEvent) => {
    events.push(event);
  };
  const options = main === undefined ? {} : { main };
  return { plan, events, backend: new ProcessesBackend({ plan, folder: runFolder, emit }, options) };
}

/** Hashes of the blocks that a node told it holds. */
function held(events: readonly RunEvent[], node: number): Set<string> {
  const hashes = events.flatMap((event) =>
    (event.type === "block-mined" || event.type === "block-received") && event.node === node
      ? [event.hash]
      : [],
  );
  return new Set(hashes);
}

async function existsIn(name: string, file: string, text: string): Promise<boolean> {
  const runs = await readdir(join(folder, "results", name)).catch(() => []);
  for (const run of runs) {
    const path = join(folder, "results", name, run, file);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere && (await readFile(path, "utf8")).includes(text)) return true;
  }
  return false;
}
