import Docker from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { until } from "../support/live-process.ts";
import { ComposeProject } from "./compose-project.ts";
import { engineSuite } from "./need-engine.ts";
import { sharedImage } from "./node-image.ts";

/** The first build installs all packages. */
const BUILD_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT = { timeout: 400_000 };
/** Seconds on a quiet machine; where thirty processes wait for each core, a node alone takes half a minute to start. */
const PATIENCE_MS = 180_000;

const NODES = 8;

const statusSchema = z.object({
  name: z.string(),
  height: z.int(),
  tip: z.string(),
  minerAccount: z.string(),
  peers: z.object({ up: z.int() }),
});
type Status = z.infer<typeof statusSchema>;

const chainSchema = z.object({ blocks: z.array(z.object({ hash: z.string() })) });
const targetsSchema = z.object({
  data: z.object({
    activeTargets: z.array(z.object({ labels: z.record(z.string(), z.string()), health: z.string() })),
  }),
});
const querySchema = z.object({
  data: z.object({
    result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })),
  }),
});

async function getJson<T>(url: string, schema: z.ZodType<T>): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  return schema.parse(await response.json());
}

/** Null while one of them does not answer. */
async function statusesOf(urls: readonly string[]): Promise<Status[] | null> {
  try {
    return await Promise.all(urls.map((url) => getJson(`${url}/status`, statusSchema)));
  } catch {
    // Not listening yet: whoever asks, asks again, and not for ever.
    return null;
  }
}

/**
 * Waits until all nodes have this height at least, and the same block just below the lowest tip. Equal tips would be asked too much: on a busy
 * machine a block may be on its way at every moment at which somebody looks.
 */
function agreement(urls: readonly string[], heightMin: number): Promise<Status[]> {
  return until(async () => {
    const statuses = await statusesOf(urls);
    if (statuses === null) return null;
    const lowest = Math.min(...statuses.map(({ height }) => height));
    if (lowest < heightMin) return null;
    const page = `/chain?from=${lowest - 1}&limit=1`;
    const pages = await Promise.all(urls.map((url) => getJson(`${url}${page}`, chainSchema)));
    return new Set(pages.map(({ blocks }) => blocks[0]?.hash)).size === 1 ? statuses : null;
  }, PATIENCE_MS);
}

async function queryOne(prometheusUrl: string, expression: string): Promise<number | null> {
  const url = `${prometheusUrl}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const [first] = (await getJson(url, querySchema)).data.result;
  return first === undefined ? null : Number(first.value[1]);
}

engineSuite("compose.yaml", () => {
  let project: ComposeProject;
  let startMs = 0;
  beforeAll(async () => {
    project = new ComposeProject(await sharedImage());
    startMs = performance.now();
    await project.up("registry", "prometheus", "node");
  }, BUILD_TIMEOUT_MS);
  // Without an image there is no project.
  afterAll(() => project?.[Symbol.asyncDispose]());

  const scale = () => project.up("--scale", `node=${NODES}`, "registry", "prometheus", "node");

  test(
    "shows a moving chain that four nodes agree on, and says how long that took",
    TEST_TIMEOUT,
    async () => {
      const urls = await project.urlsOf("node", 8_080);
      expect(urls).toHaveLength(4);
      await until(
        async () => (await statusesOf(urls))?.every(({ height }) => height > 0) || null,
        PATIENCE_MS,
      );
      const movingSec = (performance.now() - startMs) / 1_000;
      console.log(`compose: ${movingSec.toFixed(1)} s from up to a block that every node has`);
      await agreement(urls, 2);
    },
  );

  test("gives what runs no rights that it does not need, bounds on what it takes, and doors on this machine alone", async () => {
    const services = ["registry", "prometheus", "node"];
    const containers = (await Promise.all(services.map((service) => project.containersOf(service)))).flat();
    expect(containers.length).toBeGreaterThanOrEqual(6);
    for (const { Name: name, Config: config, HostConfig: host, NetworkSettings: network } of containers) {
      const rights = [host.ReadonlyRootfs, host.CapDrop, host.Privileged, host.SecurityOpt];
      expect([name, ...rights]).toEqual([name, true, ["ALL"], false, ["no-new-privileges:true"]]);
      expect([name, /^(0|root)?(:|$)/.test(config.User)]).toEqual([name, false]);
      const bounds = [host.Memory, host.NanoCpus, host.PidsLimit].map((bound) => (bound ?? 0) > 0);
      expect([name, ...bounds]).toEqual([name, true, true, true]);
      const doors = Object.values(network.Ports).flatMap((bindings) => bindings ?? []);
      expect([name, ...doors.map(({ HostIp: ip }) => ip)]).toEqual([name, "127.0.0.1"]);
    }
  });

  test(
    "scales to eight nodes of different names, and Prometheus sees eight targets up, hashing, with a chain that grows",
    TEST_TIMEOUT,
    async () => {
      await scale();
      const scaled = await agreement(await project.urlsOf("node", 8_080), 2);
      const names = Array.from({ length: NODES }, (_, index) => `node-${index + 1}`);
      expect(scaled.map(({ name }) => name).sort()).toEqual(names);
      const [prometheusUrl = ""] = await project.urlsOf("prometheus", 9_090);
      await until(async () => {
        const { data } = await getJson(`${prometheusUrl}/api/v1/targets`, targetsSchema);
        const up = data.activeTargets.filter(
          ({ labels, health }) => labels.job === "node" && health === "up",
        );
        return up.length === NODES ? true : null;
      }, PATIENCE_MS);
      const rate = 'sum(forklab_hash_rate_hashes_per_second{kind="achieved"})';
      const height = "max(forklab_chain_height_blocks)";
      // Both need scrapes of what has just started.
      await until(async () => ((await queryOne(prometheusUrl, rate)) ?? 0) > 40_000 || null, PATIENCE_MS);
      const before = (await queryOne(prometheusUrl, height)) ?? 0;
      await until(async () => ((await queryOne(prometheusUrl, height)) ?? 0) > before || null, PATIENCE_MS);
    },
  );

  test(
    "has a load whose transactions the nodes accept, and which ends cleanly although nodes are gone",
    TEST_TIMEOUT,
    async () => {
      await project.up("--no-recreate", "--no-deps", "load");
      await until(async () => {
        const said = await project.compose("logs", "--no-log-prefix", "load");
        return / [1-9]\d* accepted/.test(said) ? true : null;
      }, PATIENCE_MS);
      await project.compose("kill", "node");
      const [load] = await project.containersOf("load");
      await project.compose("stop", "load");
      const stopped = await new Docker().getContainer(load?.Id ?? "").inspect();
      expect(stopped.State.ExitCode).toBe(0);
    },
  );

  test("goes on with the same chain and the same keys after down and up", TEST_TIMEOUT, async () => {
    await scale();
    const before = await agreement(await project.urlsOf("node", 8_080), 3);
    await project.compose("--profile", "*", "down");
    await scale();
    const urls = await project.urlsOf("node", 8_080);
    const [{ height = 0, tip = "" } = {}] = before;
    const after = await agreement(urls, height);
    const keysOf = (statuses: readonly Status[]) =>
      statuses.map(({ name, minerAccount }) => `${name} ${minerAccount}`).sort();
    expect(keysOf(after)).toEqual(keysOf(before));
    const kept = await Promise.all(urls.map(async (url) => (await fetch(`${url}/blocks/${tip}`)).status));
    expect(kept).toEqual(urls.map(() => 200));
  });
});
