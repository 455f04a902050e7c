import Docker from "dockerode";
import { Network, type StartedTestContainer } from "testcontainers";
import { beforeAll, expect, test } from "vitest";
import { until } from "../support/live-process.ts";
import { engineSuite } from "./need-engine.ts";
import { crashAndRestart, hashAt, NodeContainer, type NodeState, shell, stateOf } from "./node-container.ts";
import { BASE_IMAGE, sharedImage } from "./node-image.ts";

/** The first build installs all packages. */
const BUILD_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 400_000;
/** Seconds on a quiet machine; where thirty processes wait for each core, a node alone takes half a minute to start. */
const PATIENCE_MS = 120_000;

const docker = new Docker();

engineSuite("the image", () => {
  let image = "";
  beforeAll(async () => {
    image = await sharedImage();
  }, BUILD_TIMEOUT_MS);

  test("is less than 200 MB above its base, belongs to nobody special and is marked as ours", async () => {
    const [built, base] = await Promise.all([
      docker.getImage(image).inspect(),
      docker.getImage(BASE_IMAGE).inspect(),
    ]);
    const aboveBaseMb = (built.Size - base.Size) / 1e6;
    console.log(`image: ${aboveBaseMb.toFixed(1)} MB above ${BASE_IMAGE}`);
    expect(aboveBaseMb).toBeLessThan(200);
    expect(built.Config.User).toBe("1000:1000");
    expect(built.Config.Labels).toMatchObject({ "org.forklab.image": "node" });
    expect(built.Config.Healthcheck?.Test?.slice(0, 2)).toEqual(["CMD", "node"]);
  });

  test("without any network and with no rights a node is healthy, mines, writes to its volume alone and stops within 2 s", {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    await using node = await new NodeContainer(image)
      .withFlags("--hash-rate", "200kH/s")
      .withNetworkMode("none")
      .start();
    await until(async () => ((await stateOf(node)).height > 0 ? true : null), PATIENCE_MS);
    const rights = await shell(node, "id -u; grep -E 'Cap(Eff|Prm|Bnd)|NoNewPrivs' /proc/1/status");
    expect(rights.output.split(/\s+/).filter(Boolean)).toEqual([
      "1000",
      "CapPrm:",
      "0000000000000000",
      "CapEff:",
      "0000000000000000",
      "CapBnd:",
      "0000000000000000",
      "NoNewPrivs:",
      "1",
    ]);
    const written = await shell(
      node,
      "for d in / /app /app/node /app/.compile-cache /etc /home /usr/local/bin /data /tmp; do touch $d/x 2>/dev/null && echo $d; done; true",
    );
    expect(written.output.trim().split("\n")).toEqual(["/data", "/tmp"]);
    const startMs = performance.now();
    await docker.getContainer(node.getId()).stop({ t: 10 });
    const stopMs = performance.now() - startMs;
    console.log(`image: docker stop took ${Math.round(stopMs)} ms`);
    expect(stopMs).toBeLessThan(2_000);
    expect((await docker.getContainer(node.getId()).inspect()).State.ExitCode).toBe(0);
  });

  test("three nodes in containers agree; one that is killed comes back with its chain and its key", {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    await using network = await new Network().start();
    const flags = ["--hash-rate", "20kH/s", "--peer", "http://a:8080"];
    const start = (name: string) =>
      new NodeContainer(image)
        .withFlags("--name", name, ...flags)
        .withNetwork(network)
        .withNetworkAliases(name)
        .start();
    await using a = await start("a");
    await using b = await start("b");
    await using c = await start("c");
    const nodes = [a, b, c];
    const [, before] = await agreement(nodes, 5);

    await crashAndRestart(b);
    // Alone: what it knows now is what it kept.
    await docker.getNetwork(network.getId()).disconnect({ Container: b.getId(), Force: true });
    const after = await until(() => stateOf(b).catch(() => null), PATIENCE_MS);
    expect(after.minerAccount).toBe(before?.minerAccount);
    expect(after.height).toBeGreaterThanOrEqual(before?.height ?? 0);

    await docker
      .getNetwork(network.getId())
      .connect({ Container: b.getId(), EndpointConfig: { Aliases: ["b"] } });
    expect(await agreement(nodes, after.height + 2)).toHaveLength(3);
  });
});

/** How the nodes stand once all are this high and have the same block just below the lowest tip. */
function agreement(nodes: readonly StartedTestContainer[], heightMin: number): Promise<NodeState[]> {
  return until(async () => {
    const states = await Promise.all(nodes.map(stateOf));
    const lowest = Math.min(...states.map(({ height }) => height));
    if (lowest < heightMin) return null;
    const hashes = await Promise.all(nodes.map((node) => hashAt(node, lowest - 1)));
    return new Set(hashes).size === 1 ? states : null;
  }, PATIENCE_MS);
}
