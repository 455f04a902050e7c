import { expect, test } from "vitest";
import { RegistryUnderTest } from "../discovery/registry-process.ts";
import { chainJson, NodeUnderTest, Scratch, until } from "../support/live-process.ts";

/** How long a condition may take, ms: many processes share few cores with other tests. */
const PATIENCE_MS = 60_000;

/** More than a window, so that the bodies which others bring wait for the slow peer's. */
const BLOCK_COUNT = 200;

/** A body in four seconds: in time for a request, too late for those that wait for it. Headers pass at once. */
const DRIPPING = { blockPaddingBytes: 500_000, uplinkBitsPerSec: 1_000_000 };

interface PeersJson {
  readonly peers: readonly { readonly name: string; readonly up: boolean; readonly passedOver: number }[];
  readonly releases: readonly { readonly name: string; readonly code: string; readonly reason: string }[];
}

class Network extends AsyncDisposableStack {
  readonly #scratch = this.use(new Scratch());
  readonly #chain = this.#scratch.json("chain.json", chainJson());

  async start(name: string, flags: readonly string[] = []): Promise<NodeUnderTest> {
    const own = ["--name", name, "-d", this.#scratch.dir(name), "--chain", this.#chain];
    return this.use(await NodeUnderTest.start([...own, "--mine", "demand", ...flags]));
  }

  async registry(): Promise<RegistryUnderTest> {
    const flags = ["-p", "0", "-d", this.#scratch.dir("registry"), "-u", "0.5"];
    return this.use(await RegistryUnderTest.start(flags));
  }
}

function peersOf(node: NodeUnderTest): Promise<PeersJson> {
  return node.get<PeersJson>("/peers");
}

async function isLinked(node: NodeUnderTest, name: string): Promise<boolean> {
  return (await peersOf(node)).peers.some((peer) => peer.name === name && peer.up);
}

function linked(node: NodeUnderTest, ...names: readonly string[]): Promise<true> {
  return until(async () => {
    const up = await Promise.all(names.map((name) => isLinked(node, name)));
    return up.every(Boolean) ? true : null;
  }, PATIENCE_MS);
}

function atHeight(node: NodeUnderTest, height: number): Promise<true> {
  return until(async () => ((await node.status()).height >= height ? true : null), PATIENCE_MS);
}

/** The sum over the series of a metric whose labels hold this text. */
async function metric(node: NodeUnderTest, name: string, label = ""): Promise<number> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

async function introduce(registry: RegistryUnderTest, node: NodeUnderTest): Promise<void> {
  const { hostname, port } = new URL(node.url);
  const body = JSON.stringify({ ip_address: hostname, port: Number(port) });
  expect((await fetch(`${registry.url}/nodes/`, { method: "POST", body })).status).toBe(200);
}

/** So many refreshes later, in each of which the links were looked after. */
async function someRefreshesLater(node: NodeUnderTest, count: number): Promise<void> {
  const refreshes = () => metric(node, "forklab_discovery_refreshes_total");
  const before = await refreshes();
  await until(async () => ((await refreshes()) >= before + count ? true : null), PATIENCE_MS);
}

test("a peer that drips is passed over, and replaced as soon as another is known; one that an operator named stays", async () => {
  await using network = new Network();
  const registry = await network.registry();
  const [slow, late, spare] = await Promise.all(["slow", "late", "spare"].map((name) => network.start(name)));
  if (slow === undefined || late === undefined || spare === undefined) throw new Error("no nodes");
  for (let block = 0; block < BLOCK_COUNT; block += 1) await slow.send("POST", "/mine", {});
  await spare.send("POST", "/peers", { url: slow.url });
  await atHeight(spare, BLOCK_COUNT);
  expect((await slow.control("PUT", "/control/links", DRIPPING)).status).toBe(200);

  // Both know of the slow one, and of one that has nothing yet: they begin with the slow one alone.
  for (const node of [slow, late]) await introduce(registry, node);
  const finding = [...registry.flags, "--peer-limit", "3", "-u", "0.5"];
  const [free, bound] = await Promise.all([
    network.start("free", finding),
    network.start("bound", [...finding, "--peer", slow.url]),
  ]);
  if (free === undefined || bound === undefined) throw new Error("no nodes");
  for (const node of [free, bound]) await linked(node, "slow", "late");
  await late.send("POST", "/peers", { url: spare.url });
  for (const node of [free, bound]) await atHeight(node, BLOCK_COUNT);

  // Passed over, and kept: nobody is known who could take its place. (The two know each other, and are linked.)
  const passedOver = async (node: NodeUnderTest) =>
    (await peersOf(node)).peers.find(({ name }) => name === "slow")?.passedOver ?? 0;
  for (const node of [free, bound]) {
    expect(await passedOver(node)).toBeGreaterThanOrEqual(3);
    expect(await metric(node, "forklab_sync_peers_passed_over_total")).toBeGreaterThanOrEqual(3);
    await someRefreshesLater(node, 3);
    expect(await isLinked(node, "slow")).toBe(true);
    expect((await peersOf(node)).releases).toEqual([]);
  }

  await introduce(registry, spare);
  await linked(free, "spare");
  expect(await isLinked(free, "slow")).toBe(false);
  const [release] = (await peersOf(free)).releases;
  expect(release).toMatchObject({
    name: "slow",
    code: "slow",
    reason: expect.stringMatching(/^passed over \d+ times$/),
  });
  expect(await metric(free, "forklab_peer_releases_total", 'reason="slow"')).toBe(1);
  expect(free.stderr).toMatch(/"reason":"slow: passed over \d+ times"/);

  await someRefreshesLater(bound, 3);
  expect(await isLinked(bound, "slow")).toBe(true);
  expect(await metric(bound, "forklab_peer_releases_total", 'reason="slow"')).toBe(0);
}, 120_000);
