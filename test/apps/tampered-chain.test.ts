import { expect, test } from "vitest";
import { showBranch } from "../hostile/attacks.ts";
import { attackedChain } from "../hostile/foe.ts";
import { LiveFoe } from "../hostile/live-foe.ts";
import { get, post } from "../support/app-nodes.ts";
import { NodeUnderTest, Scratch, until } from "../support/live-process.ts";
import { BlockAuthor } from "../support/mined-blocks.ts";

const GENESIS_TIME_MS = 1_735_689_600_000;

test("a node that registers with a longer chain that was tampered with is refused with all of it, on every prefix", async () => {
  using scratch = new Scratch();
  const parameters = attackedChain(GENESIS_TIME_MS);
  const author = new BlockAuthor(parameters);
  const asText = (_key: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value);
  const chain = scratch.json("chain.json", JSON.parse(JSON.stringify(author.tree.parameters, asText)));
  const flags = ["--name", "victim", "--dir", scratch.dir("victim"), "--chain", chain];
  await using victim = await NodeUnderTest.start([...flags, "--mine", "demand"]);
  await post(victim, "/board/new_transaction", { author: "Ann", content: "stays" });
  const bet = { playername: "Ann", matchid: "Final", teamonescore: 2, teamtwoscore: 1 };
  await post(victim, "/bets/bet", bet);
  await get(victim, "/board/mine");
  await get(victim, "/coin/mine");
  const views = ["/board/chain", "/coin/chain", "/bets/blockchain", "/bets/player/ann"];
  const before = await Promise.all(views.map((path) => get(victim, path)));
  await get(victim, "/coin/nodes/resolve");

  // Its first block pays its miner too much, and twenty good ones stand on that.
  const tampered = author.greedyChild(author.genesis);
  await using foe = await LiveFoe.link(victim, "foe", author);
  await showBranch(foe, [tampered, ...author.chain(tampered, 20)]);
  const { bans } = await until(async () => {
    const peers = await victim.get<{ bans: { name: string; code: string }[] }>("/peers");
    return peers.bans.length > 0 ? peers : null;
  });
  expect(bans).toMatchObject([{ name: "foe", code: "bad-coinbase" }]);
  const resolved = JSON.parse((await get(victim, "/coin/nodes/resolve")).text);
  expect(resolved.message).toBe("Our chain is authoritative");
  expect((await get(victim, "/bets/consensus")).status).toBe(200);
  // Nothing of it is there, nor is it listed.
  await expect
    .poll(() => Promise.all(views.map((path) => get(victim, path))), { timeout: 10_000 })
    .toEqual(before);
});
