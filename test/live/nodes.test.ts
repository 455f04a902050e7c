import { readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { chainJson, NodeUnderTest, Scratch, spawnNode, until } from "../support/live-process.ts";

const FAST = ["--mine", "continuous", "--hash-rate", "8kH/s"];
const STILL = ["--mine", "off"];
const ON_DEMAND = ["--mine", "demand"];

interface PeersJson {
  readonly peers: readonly {
    readonly name: string;
    readonly up: boolean;
    readonly lastFailure: string | null;
  }[];
}

interface ProbeJson {
  readonly reached: boolean;
  readonly oneWayMs: number | null;
  readonly roundTripMs: number | null;
}

function flags(scratch: Scratch, name: string, change: Record<string, unknown> = {}): string[] {
  const chain = scratch.json(`chain-${JSON.stringify(change).length}.json`, chainJson(change));
  return [
    "--name",
    name,
    "--dir",
    scratch.dir(name),
    "--chain",
    chain,
    "--key-seed",
    name,
    "--log-level",
    "warn",
  ];
}

function agreed(a: NodeUnderTest, b: NodeUnderTest, heightMin: number) {
  return until(async () => {
    const [one, two] = await Promise.all([a.status(), b.status()]);
    return one.tip === two.tip && one.height >= heightMin ? one : null;
  });
}

test("two nodes that mine find each other over HTTP and agree on one chain", async () => {
  using scratch = new Scratch();
  await using a = await NodeUnderTest.start([...flags(scratch, "a"), ...FAST]);
  await using b = await NodeUnderTest.start([...flags(scratch, "b"), ...FAST, "--peer", a.url]);
  const status = await agreed(a, b, 5);
  expect(status.peers).toEqual({ count: 1, up: 1 });
  expect(status.coins).toBe(status.coinsExpected);
});

test("a node that comes late catches up on blocks that it never heard of", async () => {
  using scratch = new Scratch();
  await using a = await NodeUnderTest.start([...flags(scratch, "a"), ...ON_DEMAND]);
  for (let height = 1; height <= 30; height += 1)
    expect((await a.send("POST", "/mine", {})).body.height).toBe(height);
  await using b = await NodeUnderTest.start([...flags(scratch, "b"), ...STILL, "--peer", a.url]);
  expect((await agreed(a, b, 30)).height).toBe(30);
});

test("nodes that really hash keep their rates, within two percent over ten seconds, with threads and without", async () => {
  using scratch = new Scratch();
  const start = (name: string, ...words: string[]) =>
    NodeUnderTest.start([
      ...flags(scratch, name, { seal: "hash", initialCompactTarget: 0x1f00ffff }),
      ...["--mine", "continuous", ...words],
    ]);
  await using beside = await start("a", "--hash-rate", "30kH/s");
  await using threads = await start("b", "--hash-rate", "300kH/s", "--miners", "2");
  await Promise.all([keepsItsRate(beside, 30_000), keepsItsRate(threads, 300_000)]);
  // A block takes two seconds in the mean at the smaller rate, and one in a hundred takes ten.
  for (const node of [beside, threads])
    await until(async () => ((await node.status()).height > 0 ? true : null), 60_000);

  const startMs = performance.now();
  threads.child.kill("SIGTERM");
  expect(await threads.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - startMs).toBeLessThan(2_000);
}, 150_000);

/** A machine that is busy with something else keeps a node from its rate for a while; any ten seconds of peace will do. */
async function keepsItsRate(node: NodeUnderTest, rate: number): Promise<void> {
  let mean = 0;
  for (let count = 11; Math.abs(mean / rate - 1) >= 0.02 && count <= 60; count += 1) {
    const samples = (await eventsOf(node, "node-sampled", count)).slice(-10);
    mean = samples.reduce((sum, event) => sum + (event.hashesPerSecAchieved as number), 0) / samples.length;
  }
  expect(Math.abs(mean / rate - 1)).toBeLessThan(0.02);
}

test("nodes of different chains refuse each other and say what differs", async () => {
  using scratch = new Scratch();
  await using a = await NodeUnderTest.start([...flags(scratch, "a"), ...STILL]);
  await using b = await NodeUnderTest.start([...flags(scratch, "b", { seal: "hash" }), ...STILL]);
  const answer = await b.send("POST", "/peers", { url: a.url });
  expect(answer.body).toMatchObject({ up: false });
  expect(answer.body.lastFailure).toMatch(/different chain: .*seal drawn.*; .*seal hash/);
  expect(answer.body.lastFailure).toContain(a.genesis);
  expect(answer.body.lastFailure).toContain(b.genesis);
  expect((await a.get<PeersJson>("/peers")).peers).toEqual([]);
});

test("blocks are there after kill -9, and the node links and goes on", async () => {
  using scratch = new Scratch();
  await using a = await NodeUnderTest.start([...flags(scratch, "a"), ...STILL]);
  const b = await NodeUnderTest.start([...flags(scratch, "b"), ...FAST, "--peer", a.url]);
  const told = (await eventsOf(b, "block-mined", 5)).map((event) => event.hash as string);
  b.child.kill("SIGKILL");
  await b.exited;
  await using again = await NodeUnderTest.start([...flags(scratch, "b"), ...FAST, "--peer", a.url]);
  for (const hash of told) expect((await again.get<{ hash: string }>(`/blocks/${hash}`)).hash).toBe(hash);
  await agreed(a, again, 8);
});

test("a damaged block is found by its checksum, set aside, said, and fetched again from a peer", async () => {
  using scratch = new Scratch();
  await using a = await NodeUnderTest.start([...flags(scratch, "a"), ...ON_DEMAND]);
  const b = await NodeUnderTest.start([...flags(scratch, "b"), ...STILL, "--peer", a.url]);
  for (let height = 1; height <= 4; height += 1) await a.send("POST", "/mine", {});
  await agreed(a, b, 4);
  const { tip } = await a.status();
  b.child.kill("SIGKILL");
  await b.exited;
  const database = new DatabaseSync(`${scratch.dir("b")}/chain.db`);
  database.exec("UPDATE bodies SET checksum = 1 WHERE position = 2");
  database.close();
  await using again = await NodeUnderTest.start([...flags(scratch, "b"), ...STILL, "--peer", a.url]);
  await until(() => (again.stderr.includes("damage-found") ? true : null));
  expect(readdirSync(`${scratch.dir("b")}/damaged`)).toHaveLength(1);
  await until(async () => ((await again.status()).tip === tip ? true : null));
  await using third = await NodeUnderTest.start([...flags(scratch, "c"), ...STILL, "--peer", again.url]);
  await agreed(again, third, 4);
  expect((await again.status()).storage).toEqual({ damagedCount: 1, missingCount: 0 });
});

test("a cut link carries nothing, and its healing brings both ends together", async () => {
  using scratch = new Scratch();
  await using a = await NodeUnderTest.start([...flags(scratch, "a"), ...ON_DEMAND]);
  await using b = await NodeUnderTest.start([...flags(scratch, "b"), ...STILL, "--peer", a.url]);
  await until(async () => ((await a.status()).peers.up === 1 ? true : null));
  await a.send("POST", "/mine", {});
  await agreed(a, b, 1);

  await a.control("PUT", "/control/links", { links: { b: { cut: true } } });
  const cut = await a.control("POST", "/control/probe", { peer: "b", deadlineMs: 200 });
  expect(cut.body).toEqual({ reached: false, oneWayMs: null, roundTripMs: null });
  // The other direction is not cut: the probe arrives, its echo does not.
  const back = (await b.control("POST", "/control/probe", { peer: "a", deadlineMs: 300 }))
    .body as unknown as ProbeJson;
  expect(back.reached).toBe(true);
  expect(back.roundTripMs).toBeNull();
  await a.send("POST", "/mine", {});
  await a.send("POST", "/mine", {});
  expect((await b.status()).height).toBe(1);

  await a.control("PUT", "/control/links", { links: { b: { cut: false } } });
  await agreed(a, b, 3);
});

test("a latency that is asked for is seen by the probe", async () => {
  using scratch = new Scratch();
  await using a = await NodeUnderTest.start([...flags(scratch, "a"), ...STILL]);
  await using b = await NodeUnderTest.start([...flags(scratch, "b"), ...STILL, "--peer", a.url]);
  await until(async () => ((await b.status()).peers.up === 1 ? true : null));
  const latency = { kind: "constant", delayUs: 150_000 };
  expect((await b.control("PUT", "/control/links", { default: { latency } })).status).toBe(200);
  await until(async () => ((await a.status()).peers.up === 1 ? true : null));
  // A busy machine makes a message late, now and then; the latency makes all of them late.
  const tookMs: number[] = [];
  for (let count = 0; count < 5; count++) {
    const probe = (await b.control("POST", "/control/probe", { peer: "a" })).body as unknown as ProbeJson;
    tookMs.push(probe.oneWayMs ?? Number.NaN);
  }
  expect(Math.min(...tookMs)).toBeGreaterThan(149);
  expect(Math.min(...tookMs)).toBeLessThan(250);
});

test("a reader of events goes on where it stopped, by the last id that it got, and hears of what a restart took", async () => {
  using scratch = new Scratch();
  const all = [...flags(scratch, "a"), ...ON_DEMAND];
  let last: unknown;
  {
    await using a = await NodeUnderTest.start(all);
    for (let height = 1; height <= 4; height += 1) await a.send("POST", "/mine", {});
    const events = await eventsOf(a, "tip-changed", 4, "?from=0");
    expect(events.map((event) => event.height)).toEqual([1, 2, 3, 4]);
    last = events[1]?.id;
    expect(await eventsOf(a, "tip-changed", 2, `?from=${last}`)).toEqual(events.slice(2));
    // What a browser sends when it comes back: the address is that of its first request.
    expect(await eventsOf(a, "tip-changed", 2, "?from=0", { "last-event-id": `${last}` })).toEqual(
      events.slice(2),
    );
  }
  await using again = await NodeUnderTest.start(all);
  await again.send("POST", "/mine", {});
  const [gap] = await eventsOf(again, "gap", 1, "?from=0", { "last-event-id": `${last}` });
  expect(gap).toMatchObject({ fromId: Number(last) + 1 });
  const [tip] = await eventsOf(again, "tip-changed", 1, "", { "last-event-id": `${last}` });
  expect(tip).toMatchObject({ height: 5 });
  expect(Number(tip?.id)).toBeGreaterThan(Number(gap?.toId));
});

test("SIGTERM ends a node cleanly within two seconds, with readers and links open", async () => {
  using scratch = new Scratch();
  await using a = await NodeUnderTest.start([...flags(scratch, "a"), ...FAST]);
  await using b = await NodeUnderTest.start([
    ...flags(scratch, "b", { seal: "drawn" }),
    ...FAST,
    "--peer",
    a.url,
  ]);
  await agreed(a, b, 1);
  const reader = await fetch(`${b.url}/events?from=0`);
  const startMs = performance.now();
  b.child.kill("SIGTERM");
  expect(await b.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - startMs).toBeLessThan(2_000);
  expect(await reader.text()).toContain("event: tip-changed");
  // Its folder is free again.
  await using again = await NodeUnderTest.start([...flags(scratch, "b", { seal: "drawn" }), ...STILL]);
  expect((await again.status()).height).toBeGreaterThan(0);
});

test("a port in use, a folder in use and a bad setting end the start with a sentence for people", async () => {
  using scratch = new Scratch();
  await using a = await NodeUnderTest.start([...flags(scratch, "a"), ...STILL]);
  const port = new URL(a.url).port;
  const inUse = spawnNode([...flags(scratch, "b"), "--port", port]);
  const sameFolder = spawnNode([...flags(scratch, "a"), "--port", "0"]);
  const misspelt = spawnNode(["--prot", "4001"]);
  expect((await inUse.exited).code).toBe(1);
  expect(inUse.output.stderr).toContain(`port ${port} of 127.0.0.1 is in use; choose another with --port`);
  expect((await sameFolder.exited).code).toBe(1);
  expect(sameFolder.output.stderr).toContain(`in use by another node (process ${a.child.pid} on `);
  expect((await misspelt.exited).code).toBe(2);
  expect(misspelt.output.stderr).toContain("--port");
});

/** The first `count` events of a type that a reader with this query and these headers gets. */
async function eventsOf(
  node: NodeUnderTest,
  type: string,
  count: number,
  query = "?from=0",
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>[]> {
  const ending = new AbortController();
  const response = await fetch(`${node.url}/events${query}`, { headers, signal: ending.signal });
  const events: Record<string, unknown>[] = [];
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk as Uint8Array).toString();
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(
        block
          .split("\n")
          .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      if (fields.get("event") === type)
        events.push({ ...JSON.parse(fields.get("data") ?? "{}"), id: fields.get("id") });
    }
    if (events.length >= count) break;
  }
  ending.abort();
  return events.slice(0, count);
}
