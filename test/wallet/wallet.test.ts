import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { chainJson, NodeUnderTest, Scratch } from "../support/live-process.ts";
import { wallet } from "./wallet-command.ts";

const scratch = new Scratch();
const PASSPHRASE = "correct horse battery";
const secretPath = scratch.dir("passphrase");
let node: NodeUnderTest;
let env: Record<string, string>;
let sealed: Record<string, string>;

/** A wallet with alice (1,000 coins from genesis) and bob (nothing). It is not sealed, since that takes a quarter of a second each time; another one is. */
beforeAll(async () => {
  writeFileSync(secretPath, `${PASSPHRASE}\n`, { mode: 0o600 });
  env = { FORKLAB_WALLET_FILE: scratch.dir("home/wallet.json") };
  sealed = {
    FORKLAB_WALLET_FILE: scratch.dir("sealed/wallet.json"),
    FORKLAB_WALLET_PASSPHRASE_FILE: secretPath,
  };
  for (const name of ["alice", "bob"])
    expect(await wallet(["create", name, "--plain"], env)).toMatchObject({ status: 0 });
  expect(await wallet(["create", "alice"], sealed)).toMatchObject({ status: 0, stderr: "" });
  const allocations = [{ account: (await keys()).alice, amount: "1000" }];
  const chain = scratch.json("chain.json", chainJson({ allocations }));
  node = await NodeUnderTest.start([
    "--dir",
    scratch.dir("a"),
    "--chain",
    chain,
    "--mine",
    "demand",
    "--hash-rate",
    "1MH/s",
  ]);
  env.FORKLAB_NODE = node.url;
});

afterAll(async () => {
  await node[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

/** Public keys by name. */
async function keys(): Promise<Record<string, string>> {
  const { stdout } = await wallet(["list", "--json"], { FORKLAB_WALLET_FILE: env.FORKLAB_WALLET_FILE ?? "" });
  const rows = JSON.parse(stdout) as { name: string; account: string }[];
  return Object.fromEntries(rows.map(({ name, account }) => [name, account]));
}

async function json<T>(...words: string[]): Promise<T> {
  const ran = await wallet([...words, "--json"], env);
  expect(ran).toMatchObject({ status: 0 });
  return JSON.parse(ran.stdout) as T;
}

async function mine(): Promise<void> {
  expect((await node.send("POST", "/mine", {})).status).toBe(201);
}

test("the file is its owner's alone, in a folder that is too, and holds neither secrets nor the passphrase in clear", async () => {
  const path = sealed.FORKLAB_WALLET_FILE ?? "";
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(scratch.dir("sealed")).mode & 0o777).toBe(0o700);
  const { stdout: pem } = await wallet(["export", "alice"], sealed);
  const secret = Buffer.from(pem.split("\n")[1] ?? "", "base64").subarray(16);
  expect(secret.length).toBe(32);
  const text = readFileSync(path, "utf8");
  for (const word of [secret.toString("hex"), PASSPHRASE, "correct"]) expect(text).not.toContain(word);
});

test("coins are sent, mined, and stand in balances and histories", async () => {
  const { alice = "", bob = "" } = await keys();
  const { id } = await json<{ id: string }>(
    "send",
    "--from",
    "alice",
    "--to",
    "bob",
    "--amount",
    "30",
    "--fee",
    "2",
  );
  expect((await wallet(["balance", "alice"], env)).stdout).toBe(
    "1000\n1 of its transactions wait for a block and are not in it\n",
  );
  await mine();
  expect((await wallet(["balance", "alice"], env)).stdout).toBe("968\n");
  expect(await json("balance", bob)).toMatchObject({ account: bob, balance: "30", nextSequence: 0 });
  expect(await json("history", "bob")).toMatchObject({
    account: bob,
    entries: [{ id, kind: "transfer", role: "received", other: alice, amount: "30", fee: "2" }],
  });
  const { stdout } = await wallet(["history", "bob"], env);
  expect(stdout).toContain("received transfer");
  expect(stdout).toContain("alice");
});

test("a long history is read page by page, as far as asked", async () => {
  const { account } = await json<{ account: string }>("create", "carol");
  for (let sequence = 0; sequence < 4; sequence += 1)
    await json("send", "--from", "alice", "--to", account, "--amount", "1");
  await mine();
  expect((await json<{ entries: unknown[] }>("history", "carol", "--limit", "3")).entries).toHaveLength(3);
  expect((await json<{ entries: unknown[] }>("history", "carol", "--limit", "2000")).entries).toHaveLength(4);
});

test("what is signed away from any node is what the node takes", async () => {
  const { alice = "", bob = "" } = await keys();
  const nowhere = { ...env, FORKLAB_NODE: "http://127.0.0.1:9" };
  // The one that asks knows the public key alone.
  const asked = await wallet(["send", "--from", alice, "--to", bob, "--amount", "7", "--unsigned"], {
    FORKLAB_WALLET_FILE: scratch.dir("none.json"),
    FORKLAB_NODE: node.url,
  });
  expect(asked).toMatchObject({ status: 0, stderr: "" });
  const unsigned = scratch.json("unsigned.json", JSON.parse(asked.stdout));
  const signed = await wallet(["sign", unsigned], nowhere);
  expect(signed).toMatchObject({ status: 0 });
  expect(signed.stderr).toContain(`Signed for the chain ${node.genesis}: transfer`);
  const path = scratch.json("signed.json", JSON.parse(signed.stdout));
  const { id } = await json<{ id: string }>("submit", path);
  const found = await node.get<{ state: string }>(`/transactions/${id}`);
  expect(found.state).toBe("waiting");
  // The same from the standard input, of another kind, with chain and sender from the command line; the answer is what the API itself takes.
  const post = JSON.stringify({ body: { kind: "post", text: "hello" }, sequence: 0, fee: "0" });
  const other = await wallet(["sign", "-", "--from", "bob", "--genesis", node.genesis], nowhere, post);
  expect(other.status).toBe(0);
  expect((await node.send("POST", "/transactions", JSON.parse(other.stdout))).status).toBe(202);
  expect(await wallet(["submit", path], env)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("already-known"),
  });
  await mine();
});

test("a key leaves as PEM and comes back in another wallet as the same account", async () => {
  const { alice } = await keys();
  const out = scratch.dir("alice-of-old.pem");
  const exported = await wallet(["export", "alice", "--out", out], env);
  expect(exported).toMatchObject({ status: 0, stderr: expect.stringContaining("whoever has it can spend") });
  expect(statSync(out).mode & 0o777).toBe(0o600);
  const elsewhere = { FORKLAB_WALLET_FILE: scratch.dir("other.json") };
  const imported = await wallet(["import", out, "--plain", "--json"], elsewhere);
  expect(JSON.parse(imported.stdout)).toMatchObject({ name: "alice-of-old", account: alice });
  expect(await wallet(["import", out], elsewhere)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("already"),
  });
  // Sealed later, by a command of its own and by nothing else.
  await wallet(["create", "dave"], { ...elsewhere, FORKLAB_WALLET_PASSPHRASE: PASSPHRASE });
  expect(JSON.parse(readFileSync(scratch.dir("other.json"), "utf8")).seal).toBeNull();
  expect(await wallet(["seal"], { ...elsewhere, FORKLAB_WALLET_PASSPHRASE: PASSPHRASE })).toMatchObject({
    status: 0,
  });
  expect(await wallet(["export", "dave"], elsewhere)).toMatchObject({ status: 3, stdout: "" });
  chmodSync(out, 0o644);
  expect(await wallet(["import", out, "--name", "x"], env)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("chmod 600"),
  });
});

test("two commands that make keys at one moment lose none", async () => {
  const file = scratch.dir("busy.json");
  const names = Array.from({ length: 6 }, (_, index) => `name-${index}`);
  await wallet(["create", "first", "--plain"], { FORKLAB_WALLET_FILE: file });
  await Promise.all(names.map((name) => wallet(["create", name], { FORKLAB_WALLET_FILE: file })));
  const { stdout } = await wallet(["list", "--json"], { FORKLAB_WALLET_FILE: file });
  const found = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name).sort();
  expect(found).toEqual(["first", ...names]);
});

test.each([
  [
    "too little",
    ["send", "--from", "bob", "--to", "alice", "--amount", "100000", "--fee", "1"],
    1,
    /^bob has \d+, and 100000 with a fee of 1 are 100001: nothing was sent\n$/,
  ],
  [
    "a name that is not there",
    ["balance", "alcie"],
    3,
    /"alcie" is neither a public key .* did you mean "alice"\?/,
  ],
  [
    "a key of somebody else",
    ["send", "--from", signerFromSeed("x").publicKey, "--to", "bob", "--amount", "0"],
    3,
    /does not hold the secret of/,
  ],
  [
    "another chain",
    ["send", "--from", "alice", "--to", "bob", "--amount", "1", "--genesis", "ab".repeat(32)],
    1,
    /^wrong chain: the node at .* has the chain [0-9a-f]{64}, and (ab){32} is meant/,
  ],
  [
    "no node",
    ["balance", "alice", "--node", "http://127.0.0.1:9"],
    4,
    /^no node answers at http:\/\/127\.0\.0\.1:9 \(ECONNREFUSED\)\. Start one with npm run node -- --port 9, or name another with --node\n$/,
  ],
  [
    "an address with a path",
    ["balance", "alice", "--node", "http://127.0.0.1/x"],
    3,
    /Expected an address without a path/,
  ],
  [
    "half a coin",
    ["send", "--from", "alice", "--to", "bob", "--amount", "0.5"],
    3,
    /Expected a whole number of the smallest unit/,
  ],
  ["an unknown command", ["blance"], 3, /Did you mean balance\?/],
  ["a file that is not there", ["submit", "no-such.json"], 3, /no-such\.json cannot be read: .*ENOENT/],
  ["a name that is a key", ["create", "ab".repeat(32)], 3, /would be taken for a public key/],
])("%s is told, with what to do, and an exit status of its own", async (_what, words, status, message) => {
  const ran = await wallet(words, env);
  expect(ran).toMatchObject({ status, stdout: "" });
  expect(ran.stderr).toMatch(message);
});

test("a transaction that was signed for another chain, or changed, is not sent", async () => {
  const unsigned = { body: { kind: "post", text: "hello" }, sequence: 99, fee: "0" };
  const path = scratch.json("other-chain.json", { ...unsigned, genesis: "cd".repeat(32) });
  const signed = await wallet(["sign", path, "--from", "alice"], env);
  const file = scratch.json("signed-elsewhere.json", JSON.parse(signed.stdout));
  expect(await wallet(["submit", file], env)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("signed for another chain, or changed"),
  });
  expect(await wallet(["sign", path, "--genesis", "ab".repeat(32)], env)).toMatchObject({ status: 3 });
  const bare = scratch.json("bare.json", unsigned);
  expect(await wallet(["sign", bare, "--from", "alice"], env)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("give --genesis"),
  });
  const noise = scratch.json("noise.json", { ...unsigned, extra: 1 });
  expect(await wallet(["sign", noise], env)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("holds not an unsigned transaction"),
  });
});

test("a passphrase that is wrong, missing, twice there or open to others is told, and shown by nothing", async () => {
  const file = { FORKLAB_WALLET_FILE: sealed.FORKLAB_WALLET_FILE ?? "" };
  // Public keys are read without it.
  expect(await wallet(["list"], file)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^[0-9a-f]{64} {2}alice\n$/),
  });
  const wrong = await wallet(["export", "alice"], {
    ...file,
    FORKLAB_WALLET_PASSPHRASE: "not the right one",
  });
  expect(wrong).toMatchObject({
    status: 3,
    stdout: "",
    stderr: expect.stringContaining("the passphrase does not open"),
  });
  expect(wrong.stderr).not.toContain("not the right one");
  expect(await wallet(["export", "alice"], file)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("no terminal to ask on"),
  });
  expect(
    await wallet(["export", "alice"], { ...sealed, FORKLAB_WALLET_PASSPHRASE: PASSPHRASE }),
  ).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("not both"),
  });
  const open = scratch.dir("open-passphrase");
  writeFileSync(open, PASSPHRASE, { mode: 0o644 });
  expect(await wallet(["export", "alice", "--passphrase-file", open], file)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(`chmod 600 ${open}`),
  });
  const none = scratch.dir("nowhere/wallet.json");
  expect(await wallet(["create", "x"], { FORKLAB_WALLET_FILE: none })).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("--plain does without"),
  });
  expect(existsSync(none)).toBe(false);
});

test("a node that takes a transaction and never answers leaves it unknown; what is no node is told", async () => {
  const genesis = node.genesis;
  const server = createServer((request, response) => {
    if (request.method === "POST") request.socket.destroy();
    else if (request.url === "/status") response.end(JSON.stringify({ name: "x", genesis, height: 0 }));
    else if (request.url?.startsWith("/accounts/"))
      response.end(
        JSON.stringify({
          account: "ab".repeat(32),
          balance: "5",
          nextSequence: 0,
          nextToSubmit: 0,
          asOf: genesis,
          history: null,
        }),
      );
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lost = await wallet(["send", "--from", "alice", "--to", "bob", "--amount", "1", "--node", url], env);
  expect(lost).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringMatching(/The transaction [0-9a-f]{64} may have been taken/),
  });
  expect(await wallet(["history", "alice", "--node", url], env)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("try again"),
  });
  server.removeAllListeners("request");
  server.on("request", (_request, response) => response.end("<html>"));
  expect(await wallet(["status", "--node", url], env)).toMatchObject({
    status: 4,
    stderr: expect.stringContaining("is no node of this version"),
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
