import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { entryOrigin, type NodeEntry } from "../../node/core/discovery/node-entry.ts";
import { chainJson, NodeUnderTest, Scratch, until } from "../support/live-process.ts";
import { knownNodes, RegistryUnderTest } from "./registry-process.ts";

/** How long a condition may take, ms: many processes share few cores with other tests. */
const PATIENCE_MS = 60_000;

/** Interval of liveness: short, for a test; a network of ten asks each other a hundred times in it. */
const INTERVAL = ["-u", "2"];

/** The network makes a block in about a second: few enough that "the same tip" can be seen. */
const SLOW = ["--mine", "continuous", "--hash-rate", "100H/s"];

function nodeFlags(scratch: Scratch, name: string): string[] {
  const chain = scratch.json("chain.json", chainJson());
  const flags = ["--name", name, "-d", scratch.dir(name), "--chain", chain, "--key-seed", name];
  return [...flags, ...INTERVAL, "--log-level", "warn"];
}

interface PeersJson {
  readonly peers: readonly { readonly name: string; readonly up: boolean }[];
}

/** The number of parts into which links that are up leave the nodes. */
async function partCount(nodes: ReadonlyMap<string, NodeUnderTest>): Promise<number> {
  const links = new Map<string, string[]>();
  for (const [name, node] of nodes) {
    const { peers } = await node.get<PeersJson>("/peers");
    links.set(
      name,
      peers.filter(({ up }) => up).map((peer) => peer.name),
    );
  }
  const seen = new Set<string>();
  let parts = 0;
  for (const start of links.keys()) {
    if (seen.has(start)) continue;
    parts += 1;
    const waiting = [start];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      waiting.push(...(links.get(name) ?? []).filter((other) => links.has(other)));
    }
  }
  return parts;
}

function connected(nodes: ReadonlyMap<string, NodeUnderTest>): Promise<true> {
  return until(async () => ((await partCount(nodes)) === 1 ? true : null), PATIENCE_MS);
}

/** Whether two nodes are on one chain, but for a block that is on its way. */
async function isInSync(a: NodeUnderTest, b: NodeUnderTest): Promise<boolean> {
  const [one, two] = await Promise.all([a.status(), b.status()]);
  if (one.tip === two.tip) return one.height > 0;
  const [ahead, behind] = one.height > two.height ? [a, two] : [b, one];
  const block = await ahead.get<{ confirmations?: number | null }>(`/blocks/${behind.tip}`);
  return behind.height > 0 && block.confirmations === 2;
}

async function inSyncAfterMs(node: NodeUnderTest, old: NodeUnderTest, startMs: number): Promise<number> {
  await until(async () => ((await isInSync(node, old)) ? true : null), PATIENCE_MS);
  return performance.now() - startMs;
}

async function start(stack: AsyncDisposableStack, scratch: Scratch, name: string, flags: readonly string[]) {
  return stack.use(await NodeUnderTest.start([...nodeFlags(scratch, name), ...SLOW, ...flags]));
}

/** One after the other: started at one moment, they would only keep each other waiting. */
async function startMany(
  stack: AsyncDisposableStack,
  scratch: Scratch,
  names: readonly string[],
  flags: readonly string[],
) {
  const started = new Map<string, NodeUnderTest>();
  for (const name of names) started.set(name, await start(stack, scratch, name, flags));
  return started;
}

test("ten nodes that know only the registry are one network, stay so while a third is exchanged, and newcomers are in sync within ten seconds", async () => {
  using scratch = new Scratch();
  await using registry = await RegistryUnderTest.start([
    "-p",
    "0",
    "-d",
    scratch.dir("registry"),
    ...INTERVAL,
  ]);
  await using stack = new AsyncDisposableStack();
  const names = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const nodes = await startMany(stack, scratch, names("a", 10), registry.flags);
  await connected(nodes);
  for (const round of ["b", "c"]) {
    const leaving = [...nodes.keys()].slice(0, 3);
    for (const name of leaving) {
      await nodes.get(name)?.[Symbol.asyncDispose]();
      nodes.delete(name);
    }
    const [old] = nodes.values();
    for (const name of names(round, 3)) {
      const spawnedMs = performance.now();
      const fresh = await start(stack, scratch, name, registry.flags);
      const listeningMs = performance.now();
      nodes.set(name, fresh);
      if (old === undefined) throw new Error("no old node");
      const afterMs = await inSyncAfterMs(fresh, old, listeningMs);
      const startedMs = listeningMs - spawnedMs;
      console.log(
        `${name}: in sync ${afterMs.toFixed(0)} ms after it listens (${startedMs.toFixed(0)} ms after it was started)`,
      );
      // A machine that takes long to start a process at all is busy with other things.
      expect(afterMs).toBeLessThan(Math.max(10_000, 10 * startedMs));
    }
    await connected(nodes);
  }
  const living = [...nodes.values()].map(({ url }) => url).sort();
  await until(async () => {
    const listed = (await registry.nodes()).map(entryOrigin).sort();
    return listed.join() === living.join() ? true : null;
  }, PATIENCE_MS);
}, 300_000);

test("nodes that start again find each other by their files while the registry is down, and their metrics say both; a damaged file is said and survived", async () => {
  using scratch = new Scratch();
  await using stack = new AsyncDisposableStack();
  const registry = await RegistryUnderTest.start(["-p", "0", "-d", scratch.dir("registry"), ...INTERVAL]);
  stack.use(registry);
  const names = ["a", "b", "c"];
  const before = await startMany(stack, scratch, names, registry.flags);
  const fileOf = (name: string) => `${scratch.dir(name)}/nodes.json`;
  const known = (name: string): NodeEntry[] =>
    existsSync(fileOf(name)) ? JSON.parse(readFileSync(fileOf(name), "utf8")) : [];
  await until(() => (names.every((name) => known(name).length === 2) ? true : null), PATIENCE_MS);
  const { flags } = registry;
  await registry[Symbol.asyncDispose]();
  const again = new Map<string, NodeUnderTest>();
  for (const [name, node] of before) {
    node.child.kill("SIGKILL");
    await node.exited;
    // Two of them still know the third, whatever became of its file.
    if (name === "c") writeFileSync(fileOf("c"), '[{"ip_address":"127.0');
    const port = new URL(node.url).port;
    again.set(name, await start(stack, scratch, name, [...flags, "-p", port]));
  }
  await connected(again);
  expect(again.get("c")?.stderr).toContain("nodes-file-damaged");
  expect(again.get("c")?.stderr).toContain("not JSON");
  const a = again.get("a");
  expect(a?.stderr).toContain("registry-unreachable");
  const told = [
    'forklab_known_nodes{state="listed",node="a"} 2',
    /forklab_discovery_refreshes_total\{outcome="some",node="a"\} [1-9]/,
    /forklab_discovery_failures_total\{ask="introduce",node="a"\} [1-9]/,
  ];
  await until(async () => {
    const metrics = await (await fetch(`${a?.url}/metrics`)).text();
    const isTold = (what: string | RegExp) =>
      typeof what === "string" ? metrics.includes(what) : what.test(metrics);
    return told.every(isTold) ? true : null;
  }, PATIENCE_MS);
}, 240_000);

test("a node may be the registry of others, also its own; one without a registry calls nobody", async () => {
  using scratch = new Scratch();
  await using stack = new AsyncDisposableStack();
  const lone = await start(stack, scratch, "lone", []);
  const port = new URL(lone.url).port;
  const flags = ["-di", "127.0.0.1", "-dp", port];
  const a = await start(stack, scratch, "a", flags);
  const b = await start(stack, scratch, "b", flags);
  const both = new Map([
    ["a", a],
    ["b", b],
  ]);
  await connected(both);
  const own = { ip_address: "127.0.0.1", port: Number(new URL(a.url).port) };
  await until(async () => ((await knownNodes(lone.url)).length === 2 ? true : null), PATIENCE_MS);
  expect(await knownNodes(lone.url)).toContainEqual(own);
  expect((await lone.get<PeersJson>("/peers")).peers).toEqual([]);
}, 240_000);

test("with fewer links than there are nodes, links are exchanged now and then, and the network stays one", async () => {
  using scratch = new Scratch();
  await using registry = await RegistryUnderTest.start([
    "-p",
    "0",
    "-d",
    scratch.dir("registry"),
    ...INTERVAL,
  ]);
  await using stack = new AsyncDisposableStack();
  const flags = [...registry.flags, "--peer-limit", "2", "-u", "0.5", "--log-level", "info"];
  const nodes = await startMany(stack, scratch, ["a", "b", "c", "d", "e", "f"], flags);
  const hasReleased = () =>
    [...nodes.values()].some(({ stderr }) => stderr.includes('"reason":"exchanged: '));
  await until(() => (hasReleased() ? true : null), PATIENCE_MS);
  await connected(nodes);
  const [a, b] = nodes.values();
  if (a === undefined || b === undefined) throw new Error("no nodes");
  await inSyncAfterMs(a, b, 0);
}, 240_000);
