import { expect, test } from "vitest";
import { agreed, appNode, expectNonsenseRefused, get, post, threeNodes } from "../support/app-nodes.ts";
import { NodeUnderTest, Scratch } from "../support/live-process.ts";

interface BetsBlock {
  readonly index: number;
  readonly timestamp: number;
  readonly bets: readonly unknown[];
  readonly nonce: number | string;
  readonly hash: string;
  readonly previous_block_hash: string;
  readonly canonical?: string | null;
}

interface Blockchain {
  readonly chain: readonly BetsBlock[];
  readonly pending_bets: readonly unknown[];
  readonly network_nodes: readonly string[];
  readonly current_node_url: string;
}

const FORM = "application/x-www-form-urlencoded; charset=UTF-8";
const CREATED = { status: 200, text: "Bet created and broadcast successfully." };
const MINED = { status: 200, text: "New block mined and broadcast successfully." };
const chainOf = (node: NodeUnderTest) => node.get<Blockchain>("/bets/blockchain");
const bet = (playername: string, matchid: unknown, one: unknown, two: unknown, amount?: number) => ({
  playername,
  matchid,
  teamonescore: one,
  teamtwoscore: two,
  ...(amount === undefined ? {} : { amount }),
});
const view = (player: string, match_id: unknown, team_one_score: unknown, team_two_score: unknown) => ({
  player,
  match_id,
  team_one_score,
  team_two_score,
});

test("the story of the bets: a network is made, bets are placed on one node, mined on another, looked up on the third", async () => {
  using scratch = new Scratch();
  await using network = await threeNodes(scratch);
  const { one, two, three } = network;
  const genesis = await chainOf(one);
  expect(genesis).toMatchObject({
    chain: [{ index: 1, nonce: 100, hash: "0", previous_block_hash: "0", bets: [] }],
    pending_bets: [],
    network_nodes: [],
    current_node_url: one.url,
  });
  const registered = { status: 200, text: "New node registered successfully successfully." };
  expect(await post(one, "/bets/register-and-broadcast-node", { newnodeurl: two.url })).toEqual(registered);
  expect(
    await post(one, "/bets/register-and-broadcast-node", { newnodeurl: `${three.url}/bets/` }, FORM),
  ).toEqual(registered);
  for (const node of [one, two, three]) {
    const others = [one, two, three].filter((other) => other !== node).map(({ url }) => url);
    expect((await chainOf(node)).network_nodes.toSorted()).toEqual(others.toSorted());
  }
  expect((await post(one, "/bets/register-node", { newnodeurl: two.url })).status).toBe(200);
  const bulk = { all_network_nodes: [one.url, two.url, three.url] };
  expect(await post(one, "/bets/register-nodes-bulk", bulk)).toEqual({
    status: 200,
    text: "Bulk registration successful.",
  });
  expect((await chainOf(one)).network_nodes).toHaveLength(2);

  expect(await post(one, "/bets/bet", bet("Anna", "Final", "2", 1), FORM)).toEqual(CREATED);
  expect(await post(one, "/bets/bet/broadcast", bet("anna", 7, 0, 0))).toEqual(CREATED);
  expect((await chainOf(one)).pending_bets).toEqual([view("Anna", "Final", "2", 1), view("anna", 7, 0, 0)]);
  expect(await one.get("/bets/player/Anna")).toEqual([]);
  await expect.poll(async () => (await chainOf(two)).pending_bets.length, { timeout: 10_000 }).toBe(2);
  expect(await get(two, "/bets/mine")).toEqual(MINED);
  await agreed(two, one, three);
  for (const node of [one, two, three]) {
    expect(await node.get("/bets/player/ANNA")).toEqual([
      view("Anna", "Final", "2", 1),
      view("anna", 7, 0, 0),
    ]);
    expect(await node.get("/bets/match/Final")).toEqual([view("Anna", "Final", "2", 1)]);
    expect(await node.get("/bets/match/final")).toEqual([]);
    expect(await node.get("/bets/match/7")).toEqual([view("anna", 7, 0, 0)]);
  }
  const { chain, pending_bets } = await chainOf(three);
  expect(pending_bets).toEqual([]);
  expect(chain[1]).toMatchObject({
    index: 2,
    previous_block_hash: "0",
    bets: [view("Anna", "Final", "2", 1), view("anna", 7, 0, 0)],
  });
  expect(Number.isInteger(chain[1]?.timestamp)).toBe(true);
  expect(await get(one, "/bets/consensus")).toEqual({ status: 200, text: "This chain has been replaced." });
  expect(await get(one, "/bets/consensus")).toEqual({
    status: 200,
    text: "Current chain has not been replaced.",
  });

  three.child.kill("SIGKILL");
  await three.exited;
  await post(two, "/bets/bet", bet("Bob", "Final", 3, 3));
  await get(two, "/bets/mine");
  await using back = await NodeUnderTest.start(appNode(scratch, "three"));
  expect(await back.get("/bets/player/bob")).toEqual([]);
  await post(back, "/bets/register-and-broadcast-node", { newnodeurl: two.url });
  await agreed(two, back);
  expect(await back.get("/bets/player/bob")).toEqual([view("Bob", "Final", 3, 3)]);
  expect((await get(back, "/bets/consensus")).text).toBe("This chain has been replaced.");
});

test("a block that another node shows is accepted if it is valid, and rejected if anything of it was changed", async () => {
  using scratch = new Scratch();
  await using one = await NodeUnderTest.start(appNode(scratch, "one"));
  await using two = await NodeUnderTest.start(appNode(scratch, "two"));
  await post(one, "/bets/bet", bet("Anna", "Final", 2, 1));
  await get(one, "/bets/mine");
  await get(one, "/bets/mine");
  const [, first, second] = (await chainOf(one)).chain as [BetsBlock, BetsBlock, BetsBlock];
  const offer = async (new_block: unknown) =>
    (await post(two, "/bets/receive-new-block", { new_block }, FORM)).text;
  for (const broken of [
    second,
    { ...first, bets: [view("Anna", "Final", 9, 1)] },
    { ...first, nonce: 5 },
    { ...first, hash: second.hash },
    { ...first, previous_block_hash: second.hash },
    null,
    "block",
    {},
  ])
    expect(await offer(broken)).toBe("New block rejected.");
  expect(await offer(first)).toBe("New block received and accepted.");
  expect(await offer(second)).toBe("New block received and accepted.");
  expect((await chainOf(two)).chain).toEqual((await chainOf(one)).chain);
});

test("bets of a block that loses are found no more, and wait again until another block has them", async () => {
  using scratch = new Scratch();
  await using one = await NodeUnderTest.start(appNode(scratch, "one"));
  await using two = await NodeUnderTest.start(appNode(scratch, "two"));
  await post(one, "/bets/bet", bet("Anna", "Final", 2, 1));
  await get(one, "/bets/mine");
  expect(await one.get("/bets/player/anna")).toEqual([view("Anna", "Final", 2, 1)]);
  await get(two, "/bets/mine");
  await post(two, "/bets/bet", bet("Bob", "Final", 0, 0));
  await get(two, "/bets/mine");
  await post(one, "/bets/register-node", { newnodeurl: two.url });
  await agreed(two, one);
  expect(await one.get("/bets/player/anna")).toEqual([]);
  expect(await one.get("/bets/match/Final")).toEqual([view("Bob", "Final", 0, 0)]);
  expect((await chainOf(one)).pending_bets).toEqual([view("Anna", "Final", 2, 1)]);
  await get(one, "/bets/mine");
  expect(await one.get("/bets/match/Final")).toEqual([
    view("Bob", "Final", 0, 0),
    view("Anna", "Final", 2, 1),
  ]);
});

test("coins on a match go to whoever was right when its opener publishes the result", async () => {
  using scratch = new Scratch();
  await using node = await NodeUnderTest.start(appNode(scratch, "one"));
  const id = (await node.get<{ minerAccount: string }>("/status")).minerAccount;
  await get(node, "/bets/mine");
  await get(node, "/bets/mine");
  expect((await post(node, "/bets/bet", bet(id, "Cup", 2, 1, 0.5))).status).toBe(422);
  expect(await post(node, "/bets/open", { openername: "Referee", matchid: "Cup" })).toEqual({
    status: 200,
    text: "Match opened successfully.",
  });
  // A player without coins learns which account lacks them; the node's own has what it mined.
  const poor = await post(node, "/bets/bet", bet("Anna", "Cup", 2, 1, 0.5));
  expect(poor.status).toBe(422);
  const account: string = JSON.parse(poor.text).error.details.facts.account;
  expect(
    (await post(node, "/coin/transactions/new", { sender: id, recipient: account, amount: 1 })).status,
  ).toBe(201);
  await get(node, "/bets/mine");
  expect(await post(node, "/bets/bet", bet("Anna", "Cup", "2", 1, 0.5))).toEqual(CREATED);
  expect(await post(node, "/bets/bet", bet(id, "Cup", 0, 0, 0.26))).toEqual(CREATED);
  await get(node, "/bets/mine");
  expect(await node.get("/bets/match/Cup")).toEqual([
    { ...view("Anna", "Cup", "2", 1), amount: 0.5 },
    { ...view(id, "Cup", 0, 0), amount: 0.26 },
  ]);
  const result = { openername: "Anna", matchid: "Cup", teamonescore: 2, teamtwoscore: 1 };
  expect((await post(node, "/bets/result", result)).status).toBe(422);
  expect((await post(node, "/bets/result", { ...result, openername: "Referee" })).text).toBe(
    "Result published successfully.",
  );
  await get(node, "/bets/mine");
  const { balance } = await node.get<{ balance: number }>(`/coin/accounts/${account}`);
  expect(balance).toBe(1.26);
  expect((await post(node, "/bets/bet", bet("Anna", "Cup", 2, 1))).status).toBe(422);
  const status = await node.status();
  expect(status.coins).toBe(status.coinsExpected);
});

test("a payout is undone with its block, and names and bets outlive the process", async () => {
  using scratch = new Scratch();
  const one = await NodeUnderTest.start(appNode(scratch, "one"));
  await using two = await NodeUnderTest.start(appNode(scratch, "two"));
  const id = (await one.get<{ minerAccount: string }>("/status")).minerAccount;
  const coinsOf = async (node: NodeUnderTest, account: string) =>
    (await node.get<{ balance: number }>(`/coin/accounts/${account}`)).balance;
  await get(one, "/bets/mine");
  await post(one, "/bets/open", { openername: "Referee", matchid: "Cup" });
  await post(one, "/bets/bet", bet(id, "Cup", 2, 1, 0.5));
  // The same coins on a bet of somebody else's that is wrong.
  const poor = await post(one, "/bets/bet", bet("Anna", "Cup", 0, 0, 0.26));
  expect(poor.text).toContain("no-coins");
  const anna: string = JSON.parse(poor.text).error.details.facts.account;
  await post(one, "/coin/transactions/new", { sender: id, recipient: anna, amount: 0.26 });
  await get(one, "/bets/mine");
  expect(await post(one, "/bets/bet", bet("Anna", "Cup", 0, 0, 0.26))).toEqual(CREATED);
  await get(one, "/bets/mine");
  // The other node has all but the result, which the first publishes alone.
  await post(two, "/bets/register-node", { newnodeurl: one.url });
  await agreed(one, two);
  one.child.kill("SIGKILL");
  await one.exited;
  await get(two, "/bets/mine");
  await get(two, "/bets/mine");
  await using back = await NodeUnderTest.start(appNode(scratch, "one"));
  expect(await back.get("/bets/player/anna")).toEqual([{ ...view("Anna", "Cup", 0, 0), amount: 0.26 }]);
  const result = { openername: "Referee", matchid: "Cup", teamonescore: 2, teamtwoscore: 1 };
  expect((await post(back, "/bets/result", result)).text).toBe("Result published successfully.");
  const before = await coinsOf(back, id);
  await get(back, "/bets/mine");
  // The pot and a block's reward.
  expect(await coinsOf(back, id)).toBeCloseTo(before + 1.76);
  await post(back, "/bets/register-node", { newnodeurl: two.url });
  await agreed(two, back);
  expect(await coinsOf(back, id)).toBe(before);
  // The result waits again, and pays when a block has it.
  await get(back, "/bets/mine");
  expect(await coinsOf(back, id)).toBeCloseTo(before + 1.76);
  await agreed(back, two);
  expect(await coinsOf(two, id)).toBeCloseTo(before + 1.76);
  const status = await two.status();
  expect(status.coins).toBe(status.coinsExpected);
});

test("a bet that is broadcast waits on all nodes when the answer comes", async () => {
  using scratch = new Scratch();
  await using network = await threeNodes(scratch);
  const { one, two, three } = network;
  await post(one, "/bets/register-nodes-bulk", { all_network_nodes: [two.url, three.url] });
  for (const match of ["a", "b", "c"]) {
    expect(await post(one, "/bets/bet/broadcast", bet("Anna", match, 1, 1))).toEqual(CREATED);
    for (const node of [one, two, three])
      expect((await chainOf(node)).pending_bets).toContainEqual(view("Anna", match, 1, 1));
  }
  expect(await get(three, "/bets/mine")).toEqual(MINED);
  expect(await three.get("/bets/player/anna")).toHaveLength(3);
  expect(three.stderr).not.toContain("peer-banned");
});

test("pages of any origin may ask of the bets, after a preflight, and of nothing else", async () => {
  using scratch = new Scratch();
  await using node = await NodeUnderTest.start(appNode(scratch, "one"));
  const origin = "http://page.example";
  const preflight = await fetch(`${node.url}/bets/bet`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type");
  expect(preflight.headers.get("access-control-allow-methods")).toContain("POST");
  const send = (path: string, body: unknown) =>
    fetch(node.url + path, {
      method: "POST",
      headers: { origin, "content-type": FORM },
      body: JSON.stringify(body),
    });
  const sent = await send("/bets/bet", bet("Anna", "Final", 2, 1));
  expect([sent.status, sent.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
  const refused = await send("/bets/bet", {});
  expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([400, "*"]);
  const read = await fetch(`${node.url}/bets/blockchain`, { headers: { origin } });
  expect([read.status, read.headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
  expect((await send("/board/new_transaction", { author: "Anna", content: "x" })).status).toBe(403);
  expect((await send("/betsy", {})).status).toBe(403);
  // A page does not have the rights of an operator of this machine, in whose browser it is.
  const foreign = await send("/bets/register-node", { newnodeurl: "http://93.184.216.34:80" });
  expect(foreign.status).toBe(403);
});

test("nonsense never breaks anything", async () => {
  using scratch = new Scratch();
  await using node = await NodeUnderTest.start(appNode(scratch, "one"));
  for (const scores of [
    [-1, 0],
    [1.5, 0],
    ["two", 0],
    [1_000, 0],
    [null, 0],
  ] as const)
    expect((await post(node, "/bets/bet", bet("Anna", "Final", scores[0], scores[1]))).status).toBe(400);
  for (const amount of [0, -1, 1e-9])
    expect((await post(node, "/bets/bet", bet("Anna", "Final", 1, 1, amount))).status).toBe(400);
  // Bytes that are no UTF-8 are no name, and least of all that of a player who is called %ff.
  await post(node, "/bets/bet", bet("%ff", "Final", 1, 1));
  await get(node, "/bets/mine");
  expect((await get(node, "/bets/player/%ff")).status).toBe(400);
  expect(await node.get("/bets/player/%25FF")).toEqual([view("%ff", "Final", 1, 1)]);
  for (const path of ["/bets/player/", "/bets/match/", "/bets/player", "/bets/nothing"])
    expect((await get(node, path)).status).toBe(404);
  expect(await get(node, `/bets/player/${"x".repeat(500)}`)).toEqual({ status: 200, text: "[]" });
  await expectNonsenseRefused(node, [
    "/bets/bet",
    "/bets/bet/broadcast",
    "/bets/open",
    "/bets/result",
    "/bets/receive-new-block",
    "/bets/register-node",
    "/bets/register-nodes-bulk",
    "/bets/register-and-broadcast-node",
  ]);
});
