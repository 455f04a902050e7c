import { randomBytes } from "node:crypto";
import { request } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { signingBytes } from "../../node/core/chain/transaction-bytes.ts";
import { chainJson, NodeUnderTest, Scratch } from "../support/live-process.ts";
import { strangerHello } from "../support/stranger-hello.ts";

const scratch = new Scratch();
const alice = signerFromSeed("alice");
const allocations = [{ account: alice.publicKey, amount: "1000" }];
let node: NodeUnderTest;

beforeAll(async () => {
  const chain = scratch.json("chain.json", chainJson({ allocations }));
  node = await NodeUnderTest.start([
    "--name",
    "a",
    "--dir",
    scratch.dir("a"),
    "--chain",
    chain,
    "--mine",
    "demand",
  ]);
});

afterAll(async () => {
  await node[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

async function post(
  path: string,
  body: Uint8Array | string,
  headers: Record<string, string>,
): Promise<number> {
  const response = await fetch(node.url + path, { method: "POST", body: Buffer.from(body), headers });
  await response.arrayBuffer();
  return response.status;
}

const json = { "content-type": "application/json" };

test("no body of any kind gives a 500, on any route that takes one", async () => {
  const routes = [
    "/transactions",
    "/peers",
    "/mine",
    "/p2p/hello",
    "/control/probe",
    "/control/measure",
    "/control/shutdown",
  ];
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...routes), body, async (path, text) => {
      const status = await post(path, text, json);
      expect(status).toBeGreaterThanOrEqual(path === "/mine" ? 200 : 400);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 150 },
  );
});

test("no batch of bytes from a peer gives a 500, and the peer that sent nonsense is not spoken with", async () => {
  for (let round = 0; round < 30; round += 1) {
    const name = `stranger-${round}`;
    const hello = await node.send("POST", "/p2p/hello", strangerHello(node.genesis, { name }));
    expect(hello.status).toBe(200);
    const headers = { "x-forklab-session": String(hello.body.session) };
    const bytes = randomBytes(1 + round * 20);
    bytes[0] = round % 9;
    if (round % 2 === 0 && bytes.length > 5) bytes.writeUInt32BE(bytes.length - 5, 1);
    expect(await post("/p2p/messages", bytes, headers)).toBe(400);
    expect(await post("/p2p/messages", bytes, headers)).toBe(401);
    expect(
      (await node.send("POST", "/p2p/hello", strangerHello(node.genesis, { name }))).body.error?.code,
    ).toBe("banned");
  }
});

test.each([
  ["another version", { version: 1 }, 409, "different-version"],
  ["another chain", { genesis: "00".repeat(32) }, 409, "different-chain"],
  ["this node's name", { name: "a" }, 409, "name-taken"],
  ["a file for an address", { url: "file:///etc/passwd" }, 400, "bad-request"],
  // A cloud machine's own secrets, and somebody on the Internet: a stranger may not have the node call them.
  ["an address that is not its own", { url: "http://169.254.169.254" }, 403, "address-not-allowed"],
  ["another that is not its own", { url: "http://[2001:db8::1]:80" }, 403, "address-not-allowed"],
  ["a field too many", { extra: 1 }, 400, "bad-request"],
])("a hello with %s is refused", async (_what, change, status, code) => {
  const answer = await node.send("POST", "/p2p/hello", strangerHello(node.genesis, change));
  expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
});

test("bodies that are too large, of another type, or from a page of another origin are refused", async () => {
  expect(await post("/transactions", `"${"x".repeat(70_000)}"`, json)).toBe(413);
  expect(await post("/transactions", "{}", { "content-type": "text/plain" })).toBe(415);
  // fetch sets no Origin of its own choosing, so this goes by hand.
  const status = await new Promise((resolve) => {
    const headers = { ...json, origin: "http://evil.example" };
    request(`${node.url}/mine`, { method: "POST", headers }, (answer) => resolve(answer.statusCode)).end(
      "{}",
    );
  });
  expect(status).toBe(403);
});

test("control needs the token", async () => {
  for (const authorization of ["", "Bearer wrong", "Basic abc"]) {
    const answer = await node.send("POST", "/control/shutdown", {}, { authorization });
    expect([answer.status, answer.body.error?.code]).toEqual([401, "bad-token"]);
  }
  expect((await node.control("PUT", "/control/mining", { hashesPerSec: -1 })).status).toBe(400);
  expect((await node.control("PUT", "/control/mining", { hashesPerSec: 7 })).body).toEqual({
    mode: "demand",
    hashesPerSec: 7,
  });
});

test("a signed transaction is taken once, waits, and is confirmed by the next block", async () => {
  const unsigned = {
    body: { kind: "post", text: "hello" } as const,
    sender: alice.publicKey,
    sequence: 0,
    fee: 3n,
  };
  const signature = alice.sign(signingBytes(unsigned, node.genesis));
  const tx = { ...unsigned, fee: "3", signature };
  const taken = await node.send("POST", "/transactions", tx);
  expect(taken.status).toBe(202);
  const again = await node.send("POST", "/transactions", tx);
  expect(again.body.error).toMatchObject({ code: "already-known", definite: true });
  const forged = await node.send("POST", "/transactions", { ...tx, sequence: 1 });
  expect([forged.status, forged.body.error?.code]).toEqual([422, "bad-signature"]);
  const rival = await node.send("POST", "/transactions", { ...tx, body: { kind: "post", text: "HELLO" } });
  expect(rival.body.error).toMatchObject({ code: "sequence-taken", details: { feeNeeded: "4" } });
  const poor = await node.send("POST", "/transactions", { ...tx, fee: "9999" });
  expect(poor.body.error?.code).toBe("no-cover");

  const path = `/transactions/${taken.body.id}`;
  expect(await node.get(path)).toMatchObject({ state: "waiting" });
  expect(await node.get("/mempool")).toMatchObject({
    count: 1,
    transactions: [{ id: taken.body.id, fee: "3" }],
  });
  const block = await node.send("POST", "/mine", {});
  expect(block).toMatchObject({ status: 201, body: { transactionCount: 2, confirmations: 1 } });
  expect(await node.get(path)).toMatchObject({
    state: "confirmed",
    block: block.body.hash,
    confirmations: 1,
  });
  expect(await node.get(`/accounts/${alice.publicKey}`)).toMatchObject({ balance: "997", nextSequence: 1 });
});

test("the chain comes in pages, and what does not exist is said so", async () => {
  for (let block = 0; block < 3; block += 1) await node.send("POST", "/mine", {});
  const page = await node.get<{ blocks: { height: number }[]; next: number | null }>("/chain?from=1&limit=2");
  expect(page.blocks.map(({ height }) => height)).toEqual([1, 2]);
  expect(page.next).toBe(3);
  expect(await node.get("/chain?from=999999")).toMatchObject({ blocks: [], next: null });
  const codes: Record<string, string> = {
    "/chain?limit=0": "bad-request",
    "/chain?form=1": "bad-request",
    "/blocks/xyz": "bad-request",
    "/blocks/%zz": "bad-request",
    [`/blocks/${"0".repeat(64)}`]: "unknown-block",
    [`/transactions/${"0".repeat(64)}`]: "unknown-transaction",
    "/mine": "method-not-allowed",
    "/nowhere": "unknown-route",
  };
  for (const [path, code] of Object.entries(codes))
    expect([path, (await node.get<{ error: { code: string } }>(path)).error.code]).toEqual([path, code]);
});

test("metrics are in the text format, and every one that is exported under forklab_ is in the table", async () => {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  expect(text).toMatch(/^forklab_chain_height_blocks\{node="a"\} \d+$/m);
  expect(text).toMatch(/^forklab_http_request_seconds_count\{.*route="\/mine".*\} \d+$/m);
  expect(text).toMatch(/^process_cpu_seconds_total/m);
});

test("after all this the node is healthy", async () => {
  expect(await node.get("/health")).toEqual({ ok: true });
  expect(node.stderr).not.toContain('"fatal"');
});
