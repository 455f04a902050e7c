import { randomBytes } from "node:crypto";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NodeCrypto, signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { ALL_ROUTES } from "../../node/all-routes.ts";
import { verifyMerkleProof } from "../../node/core/chain/merkle.ts";
import { signingBytes } from "../../node/core/chain/transaction-bytes.ts";
import type { TransactionBody } from "../../node/core/chain/types.ts";
import { CONTROL_TOKEN, chainJson, NodeUnderTest, Scratch } from "../support/live-process.ts";
import { rawRequest } from "../support/raw-request.ts";
import { strangerHello } from "../support/stranger-hello.ts";
import { ApiContract } from "./api-contract.ts";

/** Routes whose whole stories test/apps tells. */
const OF_APPLICATIONS = /^[A-Z]+ \/(board|coin|bets)\//;

/** What cannot be brought about from outside within a test, and why. */
const NOT_SEEN: ReadonlySet<string> = new Set([
  // A mistake of ours.
  "internal",
  // A disk that spoils a block, and the moment after a start with many blocks.
  "damaged-block",
  "index-behind",
  // A minute of hashing in vain.
  "mining-took-too-long",
]);

const json = { "content-type": "application/json" };
const control = { ...json, authorization: `Bearer ${CONTROL_TOKEN}` };
const NOWHERE = "0".repeat(64);

const contract = new ApiContract();
const scratch = new Scratch();
const alice = signerFromSeed("alice");
const bob = signerFromSeed("bob");
/** `main` does what it is asked; `deaf` obeys nobody here; `bare` has no token, a tiny mempool and takes nothing for free; `other` is a peer; `counting` counts. */
let main: NodeUnderTest;
let deaf: NodeUnderTest;
let bare: NodeUnderTest;
let other: NodeUnderTest;
let counting: NodeUnderTest;

beforeAll(async () => {
  const allocations = [alice, bob].map(({ publicKey }) => ({ account: publicKey, amount: "100000" }));
  const chain = scratch.json("chain.json", chainJson({ allocations, blockBytesMax: 400_000 }));
  const flags = (name: string) => [
    "--name",
    name,
    "--dir",
    scratch.dir(name),
    "--chain",
    chain,
    "--log-level",
    "warn",
  ];
  const start = (name: string, ...more: string[]) => NodeUnderTest.start([...flags(name), ...more]);
  [main, deaf, bare, other, counting] = await Promise.all([
    start("main", "--mine", "demand"),
    start("deaf", "--mine", "off", "--control-from", "192.0.2.0/24"),
    NodeUnderTest.start(
      [...flags("bare"), "--mine", "off", "--mempool-bytes", "300B", "--free-relay", "0B/s"],
      [],
      "",
    ),
    start("other", "--mine", "off"),
    start("counting", "--mine", "off", "--control-from", "192.0.2.0/24", "--client-rate", "1/s"),
  ]);
}, 150_000);

afterAll(async () => {
  await Promise.all([main, deaf, bare, other, counting].map((node) => node[Symbol.asyncDispose]()));
  scratch[Symbol.dispose]();
});

/** A signed transaction as it is submitted. */
function aTransaction(
  body: TransactionBody,
  sequence: number,
  { signer = alice, fee = 1n, genesis = main.genesis } = {},
) {
  const unsigned = { body, sender: signer.publicKey, sequence, fee };
  const signature = signer.sign(signingBytes(unsigned, genesis));
  return JSON.stringify({ ...unsigned, signature }, (_key, value) =>
    typeof value === "bigint" ? String(value) : value,
  );
}

const post = (text: string): TransactionBody => ({ kind: "post", text });
const submit = (node: NodeUnderTest, body: string) =>
  contract.ask(node.url, "POST", "/transactions", { headers: json, body });
const hello = (change: Record<string, unknown>) =>
  JSON.stringify(
    strangerHello(main.genesis, { name: `stranger-${randomBytes(4).toString("hex")}`, ...change }),
  );
const greet = (node: NodeUnderTest, change: Record<string, unknown> = {}) =>
  contract.ask(node.url, "POST", "/p2p/hello", { headers: json, body: hello(change) });

test("the document is valid OpenAPI 3.1, and the node serves the very one that the table makes", async () => {
  const served = await contract.ask(main.url, "GET", "/openapi.json");
  const result = await new Validator().validate(structuredClone(served.json) as Record<string, unknown>);
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
});

test("router and document have the same routes: neither has one that the other lacks", async () => {
  const documented = contract.operations.map(({ name }) => name);
  const inTable = ALL_ROUTES.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  expect(documented.toSorted()).toEqual(inTable.toSorted());
  // The node itself tells of every route of its router, before anybody asks.
  const metrics = (await contract.ask(main.url, "GET", "/metrics")).bytes.toString();
  const told = [...metrics.matchAll(/^forklab_http_requests_total\{.*?route="([^"]+)",method="([A-Z]+)"/gm)]
    .filter(([, route]) => route !== "none")
    .map(([, route = "", method]) => `${method} ${route.replaceAll(/:(\w+)/g, "{$1}")}`);
  expect([...new Set(told)].sort()).toEqual(documented.toSorted());
});

test("an answer that is not as documented would be found: a status, a code, a field, a type", () => {
  const answer = (status: number, json: unknown, type = "application/json") => ({
    status,
    headers: { "content-type": type },
    bytes: Buffer.from(JSON.stringify(json)),
    json,
  });
  const error = { code: "bad-token", definite: true, message: "", details: {} };
  const check = (...given: Parameters<typeof answer>) => contract.check("GET", "/health", answer(...given));
  expect(() => check(200, { ok: true })).not.toThrow();
  expect(() => check(418, {})).toThrow("answered 418");
  expect(() => check(429, { error })).toThrow("must be equal to one of the allowed values");
  expect(() => check(200, { ok: true, more: 1 })).toThrow("must NOT have additional properties");
  expect(() => check(200, { ok: true }, "text/plain")).toThrow("answered 200 as text/plain");
});

test("requests of every wrong shape are refused on every route as documented", async () => {
  for (const { method, path } of contract.operations) {
    const route = ALL_ROUTES.find(
      (each) => each.method === method && each.path.replaceAll(/:(\w+)/g, "{$1}") === path,
    );
    const target = path.replaceAll(/\{\w+\}/g, NOWHERE);
    if (route?.params !== undefined) await contract.ask(main.url, method, path.replaceAll(/\{\w+\}/g, "xyz"));
    if (route?.query !== undefined)
      await contract.ask(main.url, method, `${target}?nonsense=1`, { headers: control });
    if (method !== "GET")
      await contract.ask(main.url, method, target, {
        headers: { ...control, origin: "http://evil.example" },
        body: "{}",
      });
    if (route?.access === "control") {
      await contract.ask(main.url, method, target, { headers: json });
      await contract.ask(deaf.url, method, target, { headers: control });
      await rawRequest(bare.url, method, target, { headers: json }).then((answer) =>
        contract.check(method, path, answer),
      );
    }
    if (route?.body !== undefined && route.bodyKind !== "lenient") {
      for (const body of ["[]", '{"a":1,"a":2}', "{", '{"__proto__":{}}'])
        await contract.ask(main.url, method, target, { headers: control, body });
      await contract.ask(main.url, method, target, {
        headers: { ...control, "content-type": "text/plain" },
        body: "{}",
      });
    }
    if (route?.body !== undefined && path !== "/p2p/messages")
      await contract.ask(main.url, method, target, { headers: control, body: `"${"x".repeat(70_000)}"` });
  }
});

test("transactions and blocks: every answer and refusal as documented", async () => {
  const texts = ["one", "two"].map((text, sequence) => aTransaction(post(text), sequence));
  const [first = "", second = ""] = texts;
  const { id } = (await submit(main, first)).json as { id: string };
  await submit(main, first);
  await submit(main, aTransaction(post("other"), 0));
  await submit(main, aTransaction(post("far"), 500));
  await submit(main, aTransaction(post("x".repeat(5_000)), 1));
  await submit(main, aTransaction(post("poor"), 1, { fee: 1_000_000n }));
  await submit(main, second.replace("two", "tow"));
  await contract.ask(main.url, "GET", "/mempool?limit=5");
  expect((await contract.ask(main.url, "GET", `/transactions/${id}`)).json).toMatchObject({
    state: "waiting",
    proof: null,
  });
  await submit(main, second);
  const transfer = aTransaction({ kind: "transfer", recipient: bob.publicKey, amount: 7n }, 2);
  await submit(main, transfer);
  const block = (await contract.ask(main.url, "POST", "/mine")).json as { hash: string };
  await submit(main, first);
  await contract.ask(main.url, "POST", "/mine", { headers: json, body: "{}" });
  await contract.ask(deaf.url, "POST", "/mine");

  const found = (await contract.ask(main.url, "GET", `/transactions/${id}`)).json as {
    confirmations: number;
    proof: { merkleRoot: string; index: number; leafCount: number; siblings: string[] };
  };
  expect(found).toMatchObject({ state: "confirmed", block: block.hash, height: 1, confirmations: 2 });
  const sha256 = (bytes: Uint8Array) => new NodeCrypto().sha256(bytes);
  expect(verifyMerkleProof(id, found.proof, found.proof.merkleRoot, sha256)).toBe(true);
  const header = (await contract.ask(main.url, "GET", "/headers?from=1&limit=1")).json as {
    headers: object[];
  };
  expect(header.headers).toMatchObject([
    { hash: block.hash, merkleRoot: found.proof.merkleRoot, transactionCount: 4 },
  ]);
  const ofAn = (app: string, payload: string) => aTransaction({ kind: "app", app, payload }, 3, { fee: 5n });
  expect((await submit(main, ofAn("chess", "{}"))).json).toMatchObject({
    error: { code: "unknown-application" },
  });
  const fromBob = `{"from":"${bob.publicKey}","to":"x","amount":"1"}`;
  expect((await submit(main, ofAn("coin", fromBob))).json).toMatchObject({ error: { code: "app-refused" } });
  await contract.ask(main.url, "GET", `/transactions/${NOWHERE}`);
  await contract.ask(main.url, "GET", `/blocks/${NOWHERE}`);
  await contract.ask(main.url, "GET", `/blocks/${block.hash}`);
  await contract.ask(main.url, "GET", "/blocks?from=0");
  await contract.ask(main.url, "GET", "/chain");
  const tree = (await contract.ask(main.url, "GET", "/tree?heights=1")).json;
  expect(tree).toMatchObject({
    height: 2,
    from: 2,
    blocks: [{ height: 2, parentHash: block.hash, isBest: true }],
  });
  expect((await contract.ask(main.url, "GET", "/tree")).json).toMatchObject({
    from: 0,
    blocks: { length: 3 },
  });

  const account = (await contract.ask(main.url, "GET", `/accounts/${bob.publicKey}`)).json;
  expect(account).toMatchObject({ balance: "100007", history: { count: 1, next: null } });
  expect(account).toMatchObject({
    history: { entries: [{ role: "received", other: alice.publicKey, amount: "7" }] },
  });
  const pages = [];
  for (let next = ""; ; ) {
    const page = (await contract.ask(main.url, "GET", `/accounts/${alice.publicKey}?limit=2${next}`))
      .json as {
      history: { entries: { id: string }[]; next: string | null };
    };
    pages.push(page.history.entries.length);
    if (page.history.next === null) break;
    next = `&before=${page.history.next}`;
  }
  expect(pages).toEqual([2, 1]);
  const latest = (await contract.ask(main.url, "GET", "/transactions?limit=2")).json as {
    transactions: object[];
  };
  expect(latest.transactions).toMatchObject([
    { height: 2, index: 0 },
    { height: 1, index: 3 },
  ]);

  // 111 bytes and its text each: two fit, and a third pays no more than they do.
  for (const sequence of [0, 1, 2])
    await submit(bare, aTransaction(post("waits"), sequence, { genesis: bare.genesis }));
  const free = await submit(bare, aTransaction(post("free"), 3, { genesis: bare.genesis, fee: 0n }));
  expect(free.json).toMatchObject({ error: { code: "over-free-relay", definite: true } });
});

test("status, readiness, peers and control: every answer and refusal as documented", async () => {
  await contract.ask(main.url, "GET", "/status");
  await contract.ask(main.url, "GET", "/health");
  expect((await contract.ask(main.url, "GET", "/ready")).json).toMatchObject({
    ready: true,
    peers: { count: 0 },
  });
  await contract.ask(main.url, "GET", "/peers");
  for (const path of [
    "/web/shell/main.js",
    "/web/shell/style.css",
    "/web/shell/icon.svg",
    "/web/shell/gone.js",
  ])
    await contract.ask(main.url, "GET", path);
  await contract.ask(main.url, "GET", "/", { headers: { accept: "text/html" } });
  const add = (node: NodeUnderTest, url: string) =>
    contract.ask(node.url, "POST", "/peers", { headers: json, body: JSON.stringify({ url }) });
  const remove = (url: string) =>
    contract.ask(main.url, "DELETE", `/peers?url=${encodeURIComponent(url)}`, { headers: control });
  await add(main, "http://127.0.0.1:9");
  expect((await contract.ask(main.url, "GET", "/ready")).json).toMatchObject({
    error: { code: "not-ready", details: { reasons: [{ code: "no-peers" }] } },
  });
  await remove("http://127.0.0.1:9");
  await remove("http://127.0.0.1:9");
  await add(main, main.url);
  expect((await add(main, other.url)).json).toMatchObject({ name: "other", up: true });

  const put = (method: string, path: string, body: unknown) =>
    contract.ask(main.url, method, path, { headers: control, body: JSON.stringify(body) });
  await put("PUT", "/control/links", { links: { other: { lossRatio: 0.1 } } });
  await put("PUT", "/control/mining", { hashesPerSec: 1 });
  for (const peer of ["other", "nobody"]) {
    await put("POST", "/control/probe", { peer, deadlineMs: 100 });
    await put("POST", "/control/measure", { peer, drawKey: 1, waitMs: 100, deadlineMs: 100 });
  }
  const releases = [{ code: "removed", url: other.url }];
  expect((await remove(other.url)).json).toMatchObject({ peers: [], bans: [], releases });
  for (const address of ["", "/registry"]) {
    const entry = { headers: json, body: '{"ip_address":"127.0.0.1","port":9}' };
    await contract.ask(main.url, "GET", address === "" ? "/" : address);
    await contract.ask(main.url, "POST", address === "" ? "/" : address, entry);
    for (const method of ["GET", "POST", "DELETE"])
      await contract.ask(main.url, method, `${address}/nodes`, method === "GET" ? {} : entry);
  }
});

test("what nodes say to one another: every answer and refusal as documented", async () => {
  const session = async (name: string) =>
    (await greet(main, { name })).json as { readonly session: string; readonly instance: string };
  const say = (shown: string, body: Uint8Array) =>
    contract.ask(main.url, "POST", "/p2p/messages", { headers: { "x-forklab-session": shown }, body });
  const { session: shown, instance } = await session("liar");
  await say(shown, new Uint8Array([99, 0, 0, 0, 0]));
  await say(shown, new Uint8Array());
  await session("liar");
  await say((await session("honest")).session, new Uint8Array());
  // A length is believed when it is too large; whose session it is comes first.
  const { session: large } = await session("large");
  const tooLong = { "x-forklab-session": large, "content-length": "9000000" };
  await contract.ask(main.url, "POST", "/p2p/messages", { headers: tooLong, body: "x" });
  const changes = [{ version: 99 }, { genesis: NOWHERE }, { instance }, { name: "main" }];
  for (const change of [...changes, { name: "stranger", url: "http://192.0.2.1:4" }])
    await greet(main, change);
  for (let peers = 0; peers < 130; peers += 1) await greet(other, { name: `many-${peers}` });
});

test("too many of anything: every refusal as documented", async () => {
  const aborts = Array.from({ length: 16 }, () => new AbortController());
  await Promise.all(aborts.map(({ signal }) => fetch(`${bare.url}/events`, { signal })));
  await contract.ask(bare.url, "GET", "/events");
  for (const abort of aborts) abort.abort();
  const events = new AbortController();
  const stream = await fetch(`${main.url}/events`, { signal: events.signal });
  const headers = Object.fromEntries(stream.headers);
  contract.check("GET", "/events", {
    status: stream.status,
    headers,
    bytes: Buffer.alloc(0),
    json: undefined,
  });
  events.abort();

  for (let port = 1; port <= 512; port += 1)
    await rawRequest(bare.url, "POST", "/peers", {
      headers: json,
      body: `{"url":"http://127.0.0.1:${port}"}`,
    });
  await contract.ask(bare.url, "POST", "/peers", { headers: json, body: '{"url":"http://127.0.0.1:999"}' });

  // Two seconds of its rate at one go, and what comes in meanwhile.
  for (const { name, method, path } of contract.operations) {
    const target = path.replaceAll(/\{\w+\}/g, NOWHERE);
    if (path.startsWith("/p2p/")) continue;
    for (let asked = 0; asked < 100 && !contract.seen.has(`${name} too-many-requests`); asked += 1)
      contract.check(method, path, await rawRequest(counting.url, method, target));
  }
  const refused = await rawRequest(counting.url, "GET", "/health");
  if (refused.status === 429) expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
}, 120_000);

test("a shutdown is answered, and everything that is documented has been seen", async () => {
  await contract.ask(other.url, "POST", "/control/shutdown", { headers: control });
  expect((await other.exited).code).toBe(0);
  const missing = contract.documented.filter((what) => !contract.seen.has(what));
  const due = missing.filter(
    (what) => !NOT_SEEN.has(what.split(" ").at(-1) ?? "") && !OF_APPLICATIONS.test(what),
  );
  // Streams of the whole chain are filled up in chain-stream.test.ts; who calls from this machine may name any address.
  expect(due.toSorted()).toEqual(["GET /chain too-many-readers", "POST /peers address-not-allowed"]);
});
