import fc from "fast-check";
import { expect, test } from "vitest";
import { AppWorld, KEYS } from "../../../test/support/app-world.ts";
import { recordsOf } from "../../core/state/ledger.ts";
import { sharePot } from "./payouts.ts";
import { STAKES_MAX } from "./rules.ts";

const [alice, bob, carol] = KEYS;
const RICH = Object.fromEntries(KEYS.map((key) => [key, 1_000n]));
const bet = (scores: readonly [unknown, unknown], amount?: string) => ({
  type: "bet",
  player: "Ann",
  matchId: "final",
  scores,
  ...(amount === undefined ? {} : { amount }),
});
const OPEN = { type: "open", matchId: "final" };
const result = (scores: readonly [unknown, unknown] | null) => ({ type: "result", matchId: "final", scores });

test("a bet for the honour needs no open match, one with coins does", () => {
  const world = new AppWorld("bets", RICH);
  expect(world.run(alice, bet([1, "2"]))).toBeNull();
  expect(world.run(alice, bet([1, 2], "5"))).toBe("not-open");
  expect(world.run(bob, OPEN)).toBeNull();
  expect(world.run(carol, OPEN)).toBe("already-open");
  expect(world.run(alice, bet([1, 2], "5"))).toBeNull();
  expect(world.run(alice, bet([1, 2], "996"))).toBe("no-coins");
  expect(world.balanceAt("pot final")).toBe(5n);
});

test("who opened the match publishes its result, once, and then nobody bets on it", () => {
  const world = new AppWorld("bets", RICH);
  expect(world.run(alice, result([1, 0]))).toBe("not-open");
  world.run(bob, OPEN);
  expect(world.run(alice, result([1, 0]))).toBe("not-the-opener");
  expect(world.run(bob, result([1, 0]))).toBeNull();
  expect(world.run(bob, result([1, 0]))).toBe("closed");
  expect(world.run(alice, bet([1, 0]))).toBe("closed");
  expect(world.run(alice, bet([1, 0], "5"))).toBe("closed");
  expect(world.run(bob, OPEN)).toBe("already-open");
});

test("the pot goes to whoever is exactly right, however the scores are written", () => {
  const world = new AppWorld("bets", RICH);
  world.run(bob, OPEN);
  world.run(alice, bet(["02", 1], "10"));
  world.run(bob, bet([2, "1"], "20"));
  world.run(carol, bet([1, 2], "31"));
  expect(world.run(bob, result([2, 1]))).toBeNull();
  expect([world.balanceOf(alice), world.balanceOf(bob), world.balanceOf(carol)]).toEqual([
    1_010n,
    1_021n,
    969n,
  ]);
  expect(world.balanceAt("pot final")).toBe(0n);
  expect(recordsOf(world.ledger).filter(([key]) => key.includes("stake"))).toEqual([]);
  expect(world.undoesExactly()).toBe(true);
});

test.each([
  ["nobody was right", result([9, 9])],
  ["the match did not come about", result(null)],
])("everyone gets back what he gave when %s", (_, published) => {
  const world = new AppWorld("bets", RICH);
  world.run(bob, OPEN);
  world.run(alice, bet([2, 1], "10"));
  world.run(alice, bet([3, 1], "11"));
  world.run(carol, bet([1, 2], "31"));
  expect(world.run(bob, published)).toBeNull();
  expect(KEYS.map((key) => world.balanceOf(key))).toEqual([1_000n, 1_000n, 1_000n]);
});

test("a match takes a thousand stakes, and pays them all at once", () => {
  const world = new AppWorld("bets", { ...RICH, [alice]: 100_000n });
  world.run(bob, OPEN);
  for (let count = 0; count < STAKES_MAX; count += 1) expect(world.run(alice, bet([1, 1], "3"))).toBeNull();
  expect(world.run(alice, bet([1, 1], "3"))).toBe("match-full");
  expect(world.run(bob, result([1, 1]))).toBeNull();
  expect(world.balanceOf(alice)).toBe(100_000n);
});

test.each([
  ["a score below 0", bet([-1, 0])],
  ["a score of four digits", bet([1_000, 0])],
  ["half a goal", bet([0.5, 0])],
  ["a score in words", bet(["two", 0])],
  ["one score", { ...bet([0, 0]), scores: [0] }],
  ["no type", { matchId: "final" }],
  ["a match without id", { type: "open" }],
  ["a void bet", { ...bet([0, 0]), scores: null }],
])("%s is no payload", (_, payload) => {
  expect(new AppWorld("bets", {}).run(alice, payload)).toBe("bad-payload");
});

/** One coin after the other to whom it is owed most: the oracle. Exact, since it compares whole numbers. */
function shareOneByOne(pot: bigint, stakes: readonly bigint[]): bigint[] {
  const sum = stakes.reduce((total, stake) => total + stake, 0n);
  const given = stakes.map(() => 0n);
  for (let coin = 0n; coin < pot; coin += 1n) {
    let most = 0;
    const owed = (at: number) => pot * (stakes[at] ?? 0n) - (given[at] ?? 0n) * sum;
    for (const at of stakes.keys()) if (owed(at) > owed(most)) most = at;
    given[most] = (given[most] ?? 0n) + 1n;
  }
  return given;
}

test("a pot is shared to the last coin as if coin by coin to whom most is owed", () => {
  const stakes = fc.array(fc.bigInt(1n, 60n), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(stakes, fc.bigInt(0n, 300n), (winning, losing) => {
      const pot = winning.reduce((sum, stake) => sum + stake, 0n) + losing;
      const shared = sharePot(pot, winning);
      expect(shared).toEqual(shareOneByOne(pot, winning));
      expect(shared.reduce((sum, payout) => sum + payout, 0n)).toBe(pot);
    }),
  );
});

test("whatever is bet and published, coins are neither made nor lost, and all of it is undone exactly", () => {
  const match = fc.constantFrom("a", 7, "7");
  const scores = fc.tuple(fc.nat(2), fc.nat(1).map(String));
  const aPayload = fc.oneof(
    fc.record({ type: fc.constant("open"), matchId: match }),
    fc.record({
      type: fc.constant("bet"),
      player: fc.constant("Ann"),
      matchId: match,
      scores,
      amount: fc.integer({ min: 1, max: 400 }).map(String),
    }),
    fc.record({ type: fc.constant("result"), matchId: match, scores: fc.option(scores) }),
  );
  const steps = fc.array(fc.record({ sender: fc.constantFrom(...KEYS), payload: aPayload }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const world = new AppWorld("bets", RICH);
      for (const { sender, payload } of list) {
        expect(world.run(sender, payload)).not.toBe("bad-payload");
        expect(world.total).toBe(3_000n);
      }
      expect(world.undoesExactly()).toBe(true);
    }),
    { numRuns: 60 },
  );
});
