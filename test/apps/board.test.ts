import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import {
  agreed,
  appNode,
  expectNonsenseRefused,
  get,
  linked,
  post,
  threeNodes,
} from "../support/app-nodes.ts";
import { NodeUnderTest, Scratch } from "../support/live-process.ts";

interface BoardBlock {
  readonly index: number;
  readonly transactions: readonly {
    readonly author: string;
    readonly content: string;
    readonly timestamp: number;
  }[];
  readonly timestamp: number;
  readonly previous_hash: string;
  readonly nonce: number | string;
  readonly hash: string;
  readonly canonical?: string | null;
}

interface BoardChain {
  readonly length: number;
  readonly chain: readonly BoardBlock[];
  readonly peers: readonly string[];
}

const SUCCESS = { status: 201, text: "Success" };
const chainOf = (node: NodeUnderTest) => node.get<BoardChain>("/board/chain");
const postsOf = async (node: NodeUnderTest) =>
  (await chainOf(node)).chain.flatMap(({ transactions }) => transactions.map(({ content }) => content));

test("the story of the board: write on one node, mine on another, read on the third, fall behind, come back", async () => {
  using scratch = new Scratch();
  await using network = await threeNodes(scratch);
  const { one, two, three } = network;
  const genesis = await chainOf(one);
  expect(genesis).toMatchObject({ length: 1, peers: [] });
  expect(genesis.chain[0]).toMatchObject({ index: 0, timestamp: 0, previous_hash: "0", transactions: [] });

  // As the original is told by curl: with a slash at the end, and the prefix.
  expect(await post(two, "/board/register_with", { node_address: `${one.url}/board/` })).toEqual({
    status: 200,
    text: "Registration successful",
  });
  expect((await chainOf(one)).peers).toEqual([two.url]);
  expect((await chainOf(two)).peers).toEqual([one.url]);
  const registered = await post(one, "/board/register_node", { node_address: `${three.url}/` });
  expect(registered.status).toBe(200);
  expect(JSON.parse(registered.text)).toMatchObject({ length: 1, chain: [{ index: 0 }] });
  await post(one, "/board/register_node", { node_address: three.url });
  expect((await chainOf(one)).peers.toSorted()).toEqual([two.url, three.url].toSorted());
  // Itself, by whatever name, it never lists.
  await post(one, "/board/register_node", { node_address: one.url });
  await post(one, "/board/register_node", { node_address: one.url.replace("127.0.0.1", "localhost") });
  expect((await chainOf(one)).peers).toHaveLength(2);

  const before = Date.now() / 1_000;
  expect(await post(one, "/board/new_transaction", { author: "Ünal", content: 'first\n"post" 😀' })).toEqual(
    SUCCESS,
  );
  expect(await post(one, "/board/new_transaction", { author: "Ünal", content: "second" })).toEqual(SUCCESS);
  const pending = await one.get<BoardBlock["transactions"]>("/board/pending_tx");
  expect(pending.map(({ author, content }) => [author, content])).toEqual([
    ["Ünal", 'first\n"post" 😀'],
    ["Ünal", "second"],
  ]);
  expect(pending[0]?.timestamp).toBeGreaterThan(before - 60);
  // The other node hears of them, and mines them.
  await expect
    .poll(async () => (await two.get<unknown[]>("/board/pending_tx")).length, { timeout: 10_000 })
    .toBe(2);
  expect(await get(two, "/board/mine")).toEqual({ status: 200, text: "Block #1 is mined." });
  expect(await get(two, "/board/mine")).toEqual({ status: 200, text: "No transactions to mine" });
  await agreed(two, one, three);
  expect(await postsOf(three)).toEqual(['first\n"post" 😀', "second"]);
  const { chain } = await chainOf(three);
  expect(chain[1]?.previous_hash).toBe(chain[0]?.hash);
  expect(chain[1]).toMatchObject({ index: 1, transactions: pending });
  expect(await three.get("/board/pending_tx")).toEqual([]);

  // One is away while the others go on, and comes back with what it had.
  three.child.kill("SIGKILL");
  await three.exited;
  await post(one, "/board/new_transaction", { author: "Ünal", content: "third" });
  await get(one, "/board/mine");
  await using back = await NodeUnderTest.start(appNode(scratch, "three"));
  expect(await postsOf(back)).toHaveLength(2);
  expect((await post(back, "/board/register_with", { node_address: one.url })).text).toBe(
    "Registration successful",
  );
  expect(await postsOf(back)).toEqual(['first\n"post" 😀', "second", "third"]);
});

test("a block that another node shows is taken if it is valid, and refused if anything of it was changed", async () => {
  using scratch = new Scratch();
  await using one = await NodeUnderTest.start(appNode(scratch, "one"));
  await using two = await NodeUnderTest.start(appNode(scratch, "two"));
  for (const content of ["a", "b"]) {
    await post(one, "/board/new_transaction", { author: "Ann", content });
    await get(one, "/board/mine");
  }
  const [, first, second] = (await chainOf(one)).chain as [BoardBlock, BoardBlock, BoardBlock];
  const offer = (block: unknown) => post(two, "/board/add_block", block);
  const discarded = expect.objectContaining({
    status: 400,
    text: expect.stringMatching(/^The block was discarded by the node: /),
  });
  // Out of order, with other words, of another time, under another hash, with bytes of another block, by nobody's.
  expect(await offer(second)).toEqual(discarded);
  expect(await offer({ ...first, transactions: [{ ...first.transactions[0], content: "changed" }] })).toEqual(
    discarded,
  );
  for (const change of [
    { index: 2 },
    { timestamp: first.timestamp + 1 },
    { nonce: 0 },
    { hash: second.hash },
    { previous_hash: second.hash },
    { canonical: second.canonical },
    { canonical: "AAAA" },
    { transactions: [] },
  ])
    expect(await offer({ ...first, ...change })).toEqual(discarded);
  const bytes = Buffer.from(first.canonical ?? "", "base64");
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
  expect(await offer({ ...first, canonical: bytes.toString("base64") })).toEqual(discarded);
  // Without the bytes, and without a peer to ask for them.
  const { canonical: _canonical, ...plain } = first;
  expect(await offer(plain)).toEqual(discarded);
  expect(await chainOf(two)).toMatchObject({ length: 1 });

  expect(await offer(first)).toEqual({ status: 201, text: "Block added to the chain" });
  expect(await offer(first)).toEqual({ status: 201, text: "Block added to the chain" });
  expect(await offer(second)).toEqual({ status: 201, text: "Block added to the chain" });
  expect(await postsOf(two)).toEqual(["a", "b"]);
  const again = await chainOf(two);
  expect(again.chain).toEqual((await chainOf(one)).chain);
});

test("a block that is offered by its hash alone is fetched from the peers", async () => {
  using scratch = new Scratch();
  await using one = await NodeUnderTest.start(appNode(scratch, "one"));
  await using two = await NodeUnderTest.start(appNode(scratch, "two"));
  await post(one, "/board/register_with", { node_address: two.url });
  await post(one, "/board/new_transaction", { author: "Ann", content: "a" });
  await get(one, "/board/mine");
  const { canonical: _canonical, ...plain } = (await chainOf(one)).chain[1] as BoardBlock;
  expect(await post(two, "/board/add_block", plain)).toEqual({
    status: 201,
    text: "Block added to the chain",
  });
});

test("what waits survives when the chain is replaced, and the longest chain wins", async () => {
  using scratch = new Scratch();
  await using one = await NodeUnderTest.start(appNode(scratch, "one"));
  await using two = await NodeUnderTest.start(appNode(scratch, "two"));
  for (const content of ["a", "b", "c"]) {
    await post(one, "/board/new_transaction", { author: "Ann", content });
    await get(one, "/board/mine");
  }
  await post(two, "/board/new_transaction", { author: "Bob", content: "mined here" });
  await get(two, "/board/mine");
  await post(two, "/board/new_transaction", { author: "Bob", content: "waits here" });
  await post(two, "/board/register_with", { node_address: one.url });
  await agreed(one, two);
  expect(await postsOf(two)).toEqual(["a", "b", "c"]);
  const waiting = await two.get<{ content: string }[]>("/board/pending_tx");
  expect(waiting.map(({ content }) => content).toSorted()).toEqual(["mined here", "waits here"]);
  expect((await get(two, "/board/mine")).text).toBe("Block #4 is mined.");
  await agreed(two, one);
  expect((await postsOf(one)).toSorted()).toEqual(["a", "b", "c", "mined here", "waits here"]);
});

test("one author's three hundred posts wait together, here and on the next node, and go into blocks in their order", async () => {
  using scratch = new Scratch();
  const wide = { blockBytesMax: 500_000 };
  await using one = await NodeUnderTest.start(appNode(scratch, "one", wide));
  await using two = await NodeUnderTest.start(appNode(scratch, "two", wide));
  await post(one, "/board/register_with", { node_address: two.url });
  const contents = Array.from({ length: 300 }, (_, index) => `post ${index}`);
  for (const content of contents)
    expect(await post(one, "/board/new_transaction", { author: "Ann", content })).toEqual(SUCCESS);
  await expect
    .poll(async () => (await two.get<unknown[]>("/board/pending_tx")).length, { timeout: 10_000 })
    .toBe(300);
  while ((await get(two, "/board/mine")).text !== "No transactions to mine");
  await agreed(two, one);
  expect(await postsOf(one)).toEqual(contents);
});

test("what is missing is refused in the board's words, and nonsense never breaks anything", async () => {
  using scratch = new Scratch();
  await using node = await NodeUnderTest.start(appNode(scratch, "one"));
  const invalid = { status: 404, text: "Invalid transaction data" };
  for (const body of [
    {},
    { author: "Ann" },
    { content: "x" },
    { author: "", content: "x" },
    { author: "Ann", content: null },
    { author: [], content: "x" },
  ])
    expect(await post(node, "/board/new_transaction", body)).toEqual(invalid);
  for (const path of ["/board/register_node", "/board/register_with"])
    for (const body of [{}, { node_address: "" }, { node_address: null }])
      expect(await post(node, path, body)).toEqual({ status: 400, text: "Invalid data" });
  for (const node_address of [
    "ftp://127.0.0.1:21",
    "http://user:secret@127.0.0.1:1",
    "http://127.0.0.1:1/other",
    "nonsense:x",
  ])
    expect((await post(node, "/board/register_node", { node_address })).status).toBe(400);
  expect((await post(node, "/board/register_with", { node_address: "http://127.0.0.1:9" })).status).toBe(502);
  const refuses = createServer((_, answer) =>
    answer.writeHead(409).end(JSON.stringify({ error: { message: "another chain" } })),
  ).listen(0, "127.0.0.1");
  await once(refuses, "listening");
  const node_address = `http://127.0.0.1:${(refuses.address() as AddressInfo).port}`;
  expect(await post(node, "/board/register_with", { node_address })).toEqual({
    status: 409,
    text: "another chain",
  });
  refuses.close();
  expect((await post(node, "/board/new_transaction", { author: "x".repeat(101), content: "x" })).status).toBe(
    400,
  );
  await expectNonsenseRefused(node, [
    "/board/new_transaction",
    "/board/register_node",
    "/board/register_with",
    "/board/add_block",
  ]);
});

test("a node that mines all the time answers when what waits is in a block", async () => {
  using scratch = new Scratch();
  const flags = [...appNode(scratch, "one"), "--mine", "continuous", "--hash-rate", "4kH/s"];
  await using node = await NodeUnderTest.start(flags);
  await post(node, "/board/new_transaction", { author: "Ann", content: "hello" });
  const { status, text } = await get(node, "/board/mine");
  expect([status, text === "No transactions to mine" || /^Block #\d+ is mined\.$/.test(text)]).toEqual([
    200,
    true,
  ]);
  expect(await postsOf(node)).toEqual(["hello"]);
  await using off = await NodeUnderTest.start([...appNode(scratch, "two"), "--mine", "off"]);
  await post(off, "/board/new_transaction", { author: "Ann", content: "hello" });
  expect((await get(off, "/board/mine")).status).toBe(409);
  await linked(off, 0);
});
