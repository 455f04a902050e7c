import { expect, test } from "vitest";
import { agreed, appNode, expectNonsenseRefused, get, post, threeNodes } from "../support/app-nodes.ts";
import { chainJson, NodeUnderTest, Scratch } from "../support/live-process.ts";

interface Payment {
  readonly sender: string;
  readonly recipient: string;
  readonly amount: number;
}

interface CoinBlock {
  readonly index: number;
  readonly timestamp: number;
  readonly transactions: readonly Payment[];
  readonly proof: number | string;
  readonly previous_hash: string;
  readonly hash: string;
}

interface CoinChain {
  readonly chain: readonly CoinBlock[];
  readonly length: number;
}

const chainOf = (node: NodeUnderTest) => node.get<CoinChain>("/coin/chain");
const pay = (node: NodeUnderTest, sender: string, recipient: string, amount: unknown) =>
  post(node, "/coin/transactions/new", { sender, recipient, amount });
const balanceOf = async (node: NodeUnderTest, name: string) =>
  (await node.get<{ balance: number }>(`/coin/accounts/${encodeURIComponent(name)}`)).balance;
const mine = async (node: NodeUnderTest) => JSON.parse((await get(node, "/coin/mine")).text);
const hostOf = (node: NodeUnderTest) => new URL(node.url).host;
const willBeIn = (index: number) => ({
  status: 201,
  text: JSON.stringify({ message: `Transaction will be added to Block ${index}` }),
});

test("the story of the coin: mine, pay, mine on another node, read on the third, resolve, fall behind, come back", async () => {
  using scratch = new Scratch();
  await using network = await threeNodes(scratch);
  const { one, two, three } = network;
  const genesis = await chainOf(one);
  expect(genesis).toMatchObject({
    length: 1,
    chain: [{ index: 1, proof: 100, previous_hash: "1", transactions: [] }],
  });

  const forged = await mine(one);
  const id = (await one.get<{ minerAccount: string }>("/status")).minerAccount;
  expect(forged).toMatchObject({
    message: "New Block Forged",
    index: 2,
    transactions: [{ sender: "0", recipient: id, amount: 1 }],
    previous_hash: genesis.chain[0]?.hash,
  });
  expect(await balanceOf(one, id)).toBe(1);

  // The others come in, with a scheme and without.
  const nodes = [two.url, `${hostOf(three)}`, `${hostOf(two)}/coin`, one.url];
  const registered = await post(one, "/coin/nodes/register", { nodes });
  expect(registered.status).toBe(201);
  const { message, total_nodes } = JSON.parse(registered.text);
  expect(message).toBe("New nodes have been added");
  expect(total_nodes.toSorted()).toEqual([hostOf(two), hostOf(three)].toSorted());
  await agreed(one, two, three);
  const replaced = JSON.parse((await get(two, "/coin/nodes/resolve")).text);
  expect(replaced).toMatchObject({
    message: "Our chain was replaced",
    new_chain: (await chainOf(one)).chain,
  });
  const authoritative = JSON.parse((await get(two, "/coin/nodes/resolve")).text);
  expect(authoritative).toMatchObject({
    message: "Our chain is authoritative",
    chain: (await chainOf(one)).chain,
  });
  expect(JSON.parse((await get(one, "/coin/nodes/resolve")).text).message).toBe("Our chain is authoritative");

  // Names are accounts: anyone pays them, and whoever spends first has them.
  expect(await pay(one, id, "Büro 1", 0.5)).toEqual(willBeIn(3));
  expect(await pay(one, "Büro 1", "shop", 0.3)).toEqual(willBeIn(3));
  const poor = await pay(one, "Büro 1", "shop", 0.3);
  expect(poor.status).toBe(400);
  expect(JSON.parse(poor.text).message).toBe("Büro 1 has 0.2 coins, and 0.3 are to be paid");
  await expect
    .poll(async () => (await two.get<{ count: number }>("/mempool")).count, { timeout: 10_000 })
    .toBe(2);
  const second = await mine(two);
  expect(second.transactions).toMatchObject([
    { sender: id, recipient: "Büro 1", amount: 0.5 },
    { sender: "Büro 1", recipient: "shop", amount: 0.3 },
    { sender: "0", amount: 1 },
  ]);
  await agreed(two, one, three);
  for (const node of [one, two, three])
    expect([
      await balanceOf(node, "Büro 1"),
      await balanceOf(node, "shop"),
      await balanceOf(node, id),
    ]).toEqual([0.2, 0.3, 0.5]);
  expect((await chainOf(three)).chain.at(-1)?.transactions).toEqual(second.transactions);
  // Another node holds another key.
  const foreign = await pay(three, "Büro 1", "shop", 0.1);
  expect(foreign.status).toBe(400);
  expect(JSON.parse(foreign.text).message).toMatch(/^Büro 1 is spent from by the key [0-9a-f]{64} alone/);
  expect((await pay(three, id, "shop", 0.1)).status).toBe(400);
  expect((await pay(one, "Büro 1", "shop", 0.1)).status).toBe(201);

  three.child.kill("SIGKILL");
  await three.exited;
  await mine(two);
  await mine(two);
  await using back = await NodeUnderTest.start(appNode(scratch, "three"));
  expect((await chainOf(back)).length).toBe(3);
  await post(back, "/coin/nodes/register", { nodes: [two.url] });
  await agreed(two, back);
  expect(JSON.parse((await get(back, "/coin/nodes/resolve")).text).message).toBe("Our chain was replaced");
  expect((await chainOf(back)).length).toBe(5);
  const status = await back.status();
  expect(status.coins).toBe(status.coinsExpected);
});

test("what is missing or not to be had is refused in the coin's words, and nonsense never breaks anything", async () => {
  using scratch = new Scratch();
  await using node = await NodeUnderTest.start(appNode(scratch, "one"));
  for (const body of [{}, { sender: "a", recipient: "b" }, { sender: "a", amount: 1 }])
    expect(await post(node, "/coin/transactions/new", body)).toEqual({ status: 400, text: "Missing values" });
  for (const amount of [0, -1, 0.001, "1", null, 1e18, true])
    expect((await pay(node, "a", "b", amount)).status).toBe(400);
  expect((await pay(node, "0", "b", 1)).status).toBe(400);
  expect((await pay(node, "", "b", 1)).status).toBe(400);
  expect(JSON.parse((await pay(node, "nobody", "b", 1)).text).message).toBe(
    "nobody has 0 coins, and 1 are to be paid",
  );
  const noList = { status: 400, text: "Error: Please supply a valid list of nodes" };
  for (const body of [
    {},
    { nodes: null },
    { nodes: "http://127.0.0.1:1" },
    { nodes: [5] },
    { nodes: ["ftp://x"] },
  ])
    expect(await post(node, "/coin/nodes/register", body)).toEqual(noList);
  expect((await post(node, "/coin/nodes/register", { nodes: [] })).status).toBe(201);
  await expectNonsenseRefused(node, ["/coin/transactions/new", "/coin/nodes/register"]);
});

test("on a chain without rewards a coin is its smallest unit, and nobody is rewarded", async () => {
  using scratch = new Scratch();
  const chain = scratch.json("free.json", chainJson({ blockReward: "0" }));
  await using node = await NodeUnderTest.start([...appNode(scratch, "one"), "--chain", chain]);
  expect((await mine(node)).transactions).toEqual([]);
});
