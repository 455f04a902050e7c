import fc from "fast-check";
import { expect, test } from "vitest";
import { AppWorld, KEYS } from "../../../test/support/app-world.ts";

const [alice, bob, carol] = KEYS;

test("a name can be paid by anyone, and is bound to the key that first spends from it", () => {
  const world = new AppWorld("coin", { [alice]: 10n });
  expect(world.run(alice, { from: alice, to: "shop", amount: "7" })).toBeNull();
  expect(world.balanceAt("shop")).toBe(7n);
  expect(world.run(bob, { from: "shop", to: bob, amount: "2" })).toBeNull();
  expect(world.run(carol, { from: "shop", to: carol, amount: "1" })).toBe("not-yours");
  expect(world.run(bob, { from: "shop", to: "other", amount: "5" })).toBeNull();
  expect([world.balanceAt("shop"), world.balanceAt("other"), world.balanceOf(bob)]).toEqual([0n, 5n, 2n]);
  expect(world.undoesExactly()).toBe(true);
});

test("nobody spends more than there is, and who fails to does not bind the name", () => {
  const world = new AppWorld("coin", { [alice]: 10n });
  expect(world.run(bob, { from: "empty", to: bob, amount: "1" })).toBe("no-coins");
  expect(world.run(alice, { from: alice, to: "empty", amount: "10" })).toBeNull();
  expect(world.run(alice, { from: alice, to: "empty", amount: "1" })).toBe("no-coins");
  expect(world.run(carol, { from: "empty", to: carol, amount: "10" })).toBeNull();
});

test("a key's own account is spent by its key alone, under whatever case its name is not", () => {
  const key = "ab".repeat(32);
  const world = new AppWorld("coin", { [key]: 10n });
  expect(world.run(alice, { from: key, to: alice, amount: "1" })).toBe("not-yours");
  expect(world.run(key, { from: key, to: key.toUpperCase(), amount: "4" })).toBeNull();
  // In upper case it is a name like any other.
  expect(world.run(alice, { from: key.toUpperCase(), to: alice, amount: "4" })).toBeNull();
});

test.each([
  ["a sender that stands for rewards", { from: "0", to: "a", amount: "1" }],
  ["an amount of nothing", { from: "a", to: "b", amount: "0" }],
  ["an amount as a number", { from: "a", to: "b", amount: 1 }],
  ["no recipient", { from: "a", amount: "1" }],
])("a transfer with %s is none", (_, payload) => {
  expect(new AppWorld("coin", {}).run(alice, payload)).toBe("bad-payload");
});

const NAMES = ["shop", "bank", "Shop", ...KEYS];
const aTransfer = fc.record({
  signer: fc.constantFrom(...KEYS),
  from: fc.constantFrom(...NAMES),
  to: fc.constantFrom(...NAMES),
  amount: fc.integer({ min: 1, max: 60 }),
});

test("coins are neither made nor lost, each pass is what plain Maps say, and all of it is undone exactly", () => {
  fc.assert(
    fc.property(fc.array(aTransfer, { maxLength: 40 }), (transfers) => {
      const world = new AppWorld("coin", Object.fromEntries(KEYS.map((key) => [key, 100n])));
      const coins = new Map<string, bigint>(KEYS.map((key) => [key, 100n]));
      const owners = new Map<string, string>(KEYS.map((key) => [key, key]));
      for (const { signer, from, to, amount } of transfers) {
        const isMine = (owners.get(from) ?? signer) === signer;
        const isCovered = (coins.get(from) ?? 0n) >= amount;
        const refused = world.run(signer, { from, to, amount: String(amount) });
        expect(refused).toBe(isMine ? (isCovered ? null : "no-coins") : "not-yours");
        if (refused !== null) continue;
        owners.set(from, signer);
        coins.set(from, (coins.get(from) ?? 0n) - BigInt(amount));
        coins.set(to, (coins.get(to) ?? 0n) + BigInt(amount));
      }
      for (const name of NAMES) {
        const balance = KEYS.some((key) => key === name) ? world.balanceOf(name) : world.balanceAt(name);
        expect(balance).toBe(coins.get(name) ?? 0n);
      }
      expect(world.total).toBe(300n);
      expect(world.undoesExactly()).toBe(true);
    }),
    { numRuns: 60 },
  );
});
