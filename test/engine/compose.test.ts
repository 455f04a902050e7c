import Docker from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { PrometheusClient } from "../../dashboards/prometheus-client.ts";
import { until } from "../support/live-process.ts";
import { realRuns, until as untilSo } from "../support/real-runs.ts";
import { ComposeProject } from "./compose-project.ts";
import {
  allAnswered,
  panelsOnly,
  queriesOfAll,
  RECORDED,
  WITHOUT_LOAD_AND_DELAY,
} from "./dashboard-queries.ts";
import { engineSuite } from "./need-engine.ts";
import { sharedImage } from "./node-image.ts";

/** The first build installs all packages. */
const BUILD_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT = { timeout: 400_000 };
/** Seconds on a quiet machine; where thirty processes wait for each core, a node alone takes half a minute to start. */
const PATIENCE_MS = 180_000;

/** As docs/containers.md has it, but for the build. */
const UP = ["up", "registry", "prometheus", "node", "--scale", "node=8"];
const NODES = 8;
/** Of compose.yaml, where nobody says how many. */
const NODES_DEFAULT = 4;

/** A run beside the network: with a fault, and longer than anyone looks. */
const BESIDE = "duration: 600s\nnodes: { count: 2, hashRate: 1kH/s }\ntimeline: [{ at: 500ms, pause: 1 }]\n";

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

engineSuite("compose.yaml", () => {
  const runs = realRuns();
  let project: ComposeProject;
  let startMs = 0;
  beforeAll(async () => {
    project = new ComposeProject(await sharedImage());
    startMs = performance.now();
    project.type(...UP);
  }, BUILD_TIMEOUT_MS);
  // Without an image there is no project.
  afterAll(() => project?.[Symbol.asyncDispose](), PATIENCE_MS);

  const nodeUrls = (count: number) =>
    until(async () => {
      const urls = await project.urlsOf("node", 8_080).catch(() => []);
      return urls.length === count ? urls : null;
    }, PATIENCE_MS);

  const prometheus = async () => new PrometheusClient((await project.urlsOf("prometheus", 9_090))[0] ?? "");

  test(
    `docker compose ${UP.join(" ")}: nodes of different names agree on a moving chain`,
    TEST_TIMEOUT,
    async () => {
      const urls = await nodeUrls(NODES);
      await until(
        async () => (await statusesOf(urls))?.every(({ height }) => height > 0) || null,
        PATIENCE_MS,
      );
      const movingSec = (performance.now() - startMs) / 1_000;
      console.log(`compose: ${movingSec.toFixed(1)} s from up to a block that all ${NODES} nodes have`);
      const names = Array.from({ length: NODES }, (_, index) => `node-${index + 1}`);
      expect((await agreement(urls, 2)).map(({ name }) => name).sort()).toEqual(names);
    },
  );

  test(
    "eight targets are up, hash rate and chain length move, and every query of every dashboard answers",
    TEST_TIMEOUT,
    async () => {
      const asked = await prometheus();
      await until(async () => {
        const [url] = await project.urlsOf("prometheus", 9_090);
        const { data } = await getJson(`${url}/api/v1/targets`, targetsSchema);
        const up = data.activeTargets.filter(
          ({ labels, health }) => labels.job === "node" && health === "up",
        );
        return up.length === NODES ? true : null;
      }, PATIENCE_MS);
      const now = async (expression: string) => {
        const [series] = await asked.instant(expression);
        return series?.samples[0]?.value ?? Number.NaN;
      };
      const rate = 'sum(forklab_hash_rate_hashes_per_second{kind="achieved"})';
      const height = "max(forklab_chain_height_blocks)";
      await until(async () => (await now(rate)) > (NODES * 10_000) / 2 || null, PATIENCE_MS);
      const [rateBefore, heightBefore] = [await now(rate), await now(height)];
      await until(async () => (await now(height)) > heightBefore || null, PATIENCE_MS);
      await until(async () => (await now(rate)) !== rateBefore || null, PATIENCE_MS);
      // The Experiment dashboard too: without a run it shows the network, and says so.
      const all = queriesOfAll("network", "transactions", "node", "experiment");
      await allAnswered(asked, [...panelsOnly(all), ...RECORDED], WITHOUT_LOAD_AND_DELAY);
      expect(await scenarioShown(asked)).toContain("no run is observed");
    },
  );

  test(
    "a run on this machine with --observe is on the Experiment dashboard while it lasts, and on no other",
    TEST_TIMEOUT,
    async () => {
      const asked = await prometheus();
      const [url = ""] = await project.urlsOf("prometheus", 9_090);
      const run = runs.start(await runs.scenario("beside", BESIDE), [
        ...["env", `FORKLAB_PROMETHEUS_PORT=${new URL(url).port}`, process.execPath],
        ...["runner/main.ts", "--observe", "127.0.0.1:0"],
      ]);
      await untilSo(async () => (await scenarioShown(asked)) === "beside", "the run is shown");
      const all = queriesOfAll("network", "experiment");
      const marks = (name: string) =>
        asked.instant(all.find(({ place }) => place === `${name} / Faults`)?.expr ?? "");
      await untilSo(async () => (await marks("experiment")).length > 0, "its fault is marked");
      await allAnswered(asked, queriesOfAll("experiment"));
      expect(await asked.instant("max(forklab_run_nodes{state='planned'})")).toMatchObject([
        { samples: [{ value: 2 }] },
      ]);
      expect(await marks("network")).toEqual([]);
      run.signalGroup("SIGINT");
      expect(await run.status).toBe(130);
      // At once, and not when what was said last is five minutes old.
      await untilSo(async () => (await scenarioShown(asked)).includes("no run"), "it is shown no more");
    },
  );

  test("gives what runs no rights that it does not need, bounds on what it takes, and doors on this machine alone", async () => {
    const services = ["registry", "prometheus", "node"];
    const containers = (await Promise.all(services.map((service) => project.containersOf(service)))).flat();
    expect(containers.length).toBe(2 + NODES);
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
    "goes on with the same chain and the same keys after down and up, with as many nodes as compose.yaml says",
    TEST_TIMEOUT,
    async () => {
      const before = await agreement(await nodeUrls(NODES), 3);
      await project.compose("down");
      await project.up("registry", "node");
      const urls = await nodeUrls(NODES_DEFAULT);
      const [{ height = 0, tip = "" } = {}] = before;
      const after = await agreement(urls, height);
      const keysOf = (statuses: readonly Status[]) =>
        statuses.map(({ name, minerAccount }) => `${name} ${minerAccount}`);
      expect(keysOf(before)).toEqual(expect.arrayContaining(keysOf(after)));
      const kept = await Promise.all(urls.map(async (url) => (await fetch(`${url}/blocks/${tip}`)).status));
      expect(kept).toEqual(urls.map(() => 200));
    },
  );

  test(
    "has a load whose transactions the nodes accept, and which ends cleanly although nodes are gone",
    TEST_TIMEOUT,
    async () => {
      await project.up("--no-recreate", "--no-deps", "load");
      const [load] = await project.containersOf("load");
      // Its image's folder is no volume without a name, which `down` would leave behind.
      expect(load?.Mounts.map(({ Type: type }) => type)).not.toContain("volume");
      await until(async () => {
        const said = await project.compose("logs", "--no-log-prefix", "load");
        return / [1-9]\d* accepted/.test(said) ? true : null;
      }, PATIENCE_MS);
      await project.compose("kill", "node");
      await project.compose("stop", "load");
      const stopped = await new Docker().getContainer(load?.Id ?? "").inspect();
      expect(stopped.State.ExitCode).toBe(0);
    },
  );
});

/** What the Experiment dashboard says is run. */
async function scenarioShown(prometheus: PrometheusClient): Promise<string> {
  const [query] = queriesOfAll("experiment");
  const [series] = await prometheus.instant(query?.expr ?? "");
  return series?.labels.scenario ?? "";
}
