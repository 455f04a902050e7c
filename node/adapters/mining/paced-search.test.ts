import fc from "fast-check";
import { expect, test } from "vitest";
import { CATCH_UP_MS_MAX, PacedSearch } from "./paced-search.ts";

const AHEAD_MS = 100;
const BATCH_MS_MAX = 5;

/** A machine that tries so many nonces a ms, of which every `findEvery`-th meets the target; its time passes only in here. */
class Machine {
  nowMs = 0;
  wakeCount = 0;
  /** By how much longer the next batch takes, ms. */
  holdUpMs = 0;
  readonly foundAtMs: number[] = [];
  readonly paced: PacedSearch;
  readonly #triesPerMs: number;

  constructor(hashesPerSec: number, triesPerMs = 3_000, findEvery = Number.POSITIVE_INFINITY) {
    this.#triesPerMs = triesPerMs;
    const tryNonces = (firstNonce: bigint, count: number) => {
      const index = findEvery - 1 - (Number(firstNonce) % findEvery);
      const hashes = Math.min(count, index + 1);
      this.nowMs += hashes / this.#triesPerMs + this.holdUpMs;
      this.holdUpMs = 0;
      return index < count ? index : null;
    };
    const nowMs = () => this.nowMs;
    this.paced = new PacedSearch(tryNonces, { nowMs, aheadMs: AHEAD_MS, batchMsMax: BATCH_MS_MAX });
    this.paced.setRate(hashesPerSec);
    this.paced.begin(0n);
  }

  /** Wakes the search until nothing is owed. */
  catchUp(): void {
    while ((this.paced.step().nextAtMs ?? Number.POSITIVE_INFINITY) <= this.nowMs) this.wakeCount += 1;
  }

  /** Wakes the search when it asks, or later by `lateMs`; after a find there is other work at once. */
  run(untilMs: number, lateMs: () => number = () => 0): void {
    while (this.nowMs < untilMs) {
      const { foundNonce, nextAtMs } = this.paced.step();
      this.wakeCount += 1;
      if (foundNonce !== null) {
        this.foundAtMs.push(this.nowMs);
        this.paced.begin(0n);
      }
      // A timer counts whole milliseconds.
      const waitMs = nextAtMs === null ? 0 : Math.ceil(Math.max(0, nextAtMs - this.nowMs));
      this.nowMs += waitMs === 0 ? 0 : waitMs + lateMs();
    }
  }
}

test("the rate holds within two percent over ten seconds, however late the thread is woken", () => {
  for (const rate of [0.5, 3, 100, 2_000, 20_000, 1_000_000])
    for (const lateMs of [0, 3, 137, 700]) {
      const machine = new Machine(rate);
      machine.run(10_000, () => lateMs);
      machine.catchUp();
      const due = rate * (machine.nowMs / 1_000);
      // Of the hash under way nothing is counted.
      expect(Math.abs(machine.paced.hashesTried() - due)).toBeLessThan(Math.max(1.01, 0.02 * due));
    }
});

test("a short stall is made up for; of a long one a second is", () => {
  const stalled = (stallMs: number) => {
    const machine = new Machine(20_000);
    machine.run(3_000);
    machine.nowMs += stallMs;
    machine.run(10_000);
    return machine.paced.hashesTried() / (20 * machine.nowMs);
  };
  expect(stalled(800)).toBeGreaterThan(0.999);
  const lostMs = 10_000 * (1 - stalled(5_000));
  expect(lostMs).toBeLessThan(5_000 - CATCH_UP_MS_MAX + 1);
  expect(lostMs).toBeGreaterThan(5_000 - CATCH_UP_MS_MAX - AHEAD_MS - 1);
});

test("a miner of a few thousand hashes a second is woken ten times a second", () => {
  const machine = new Machine(5_000);
  machine.run(10_000, () => 1);
  expect(machine.wakeCount).toBeLessThanOrEqual(101);
});

test("a rate beyond the machine is tried for without rest, in batches that leave room for messages", () => {
  const machine = new Machine(1e9);
  for (let batch = 0; batch < 50; batch += 1) {
    const startMs = machine.nowMs;
    const { nextAtMs } = machine.paced.step();
    expect(nextAtMs).toBeLessThanOrEqual(machine.nowMs);
    expect(machine.nowMs - startMs).toBeLessThan(1.2 * BATCH_MS_MAX);
  }
  expect(machine.paced.hashesTried()).toBeCloseTo(3_000 * machine.nowMs, -1);
});

test("a slow miner on a machine that often takes the processor away still hashes in one piece", () => {
  const machine = new Machine(2_000);
  machine.run(1_000);
  for (let stall = 0; stall < 50; stall += 1) {
    machine.holdUpMs = 200;
    machine.run(machine.nowMs + 300);
  }
  machine.run(machine.nowMs + 500);
  const before = machine.wakeCount;
  machine.run(machine.nowMs + 5_000);
  expect(machine.wakeCount - before).toBeLessThanOrEqual(51);
});

test("a find is given out when its place in time comes, not when it was hashed", () => {
  // At 10 kH/s every 1,000th hash is a find: one in 100 ms, in batches of as much that stand across them.
  const machine = new Machine(10_000, 1e9, 1_234);
  machine.run(10_000);
  expect(machine.foundAtMs).toHaveLength(81);
  for (const [index, atMs] of machine.foundAtMs.entries())
    expect(Math.abs(atMs - 123.4 * (index + 1))).toBeLessThan(1);
});

test("other work and other rates at any time neither lose hashes nor make any", () => {
  const aChange = fc.record({
    afterMs: fc.double({ min: 0, max: 400, noNaN: true }),
    rate: fc.option(fc.constantFrom(0, 0.7, 50, 20_000)),
  });
  fc.assert(
    fc.property(fc.array(aChange, { minLength: 1, maxLength: 40 }), (changes) => {
      const machine = new Machine(1_000, 1e12);
      let [rate, due] = [1_000, 0];
      let rateChanges = 0;
      for (const change of changes) {
        const startMs = machine.nowMs;
        machine.catchUp();
        machine.nowMs += change.afterMs;
        machine.catchUp();
        due += (rate * (machine.nowMs - startMs)) / 1_000;
        if (change.rate === null) {
          machine.paced.begin(0n);
        } else {
          rate = change.rate;
          rateChanges += 1;
          machine.paced.setRate(rate);
        }
        expect(machine.paced.hashesTried()).toBeLessThanOrEqual(due + 1e-3);
        // The hash under way is lost with each change of the rate, and not counted at the end.
        expect(machine.paced.hashesTried()).toBeGreaterThan(due - rateChanges - 1.001);
      }
    }),
  );
});

test("a find whose place came before other work did is given out; one that is still to come is not", () => {
  const machine = new Machine(1_000, 1e9, 50);
  machine.paced.step();
  machine.nowMs = 49;
  expect(machine.paced.takeFound()).toBeNull();
  machine.nowMs = 51;
  expect(machine.paced.takeFound()).toBe(49n);
  expect(machine.paced.step()).toEqual({ foundNonce: null, nextAtMs: null });
  machine.paced.begin(0n);
  machine.paced.step();
  machine.nowMs = 60;
  machine.paced.begin(25n);
  machine.paced.step();
  machine.nowMs = 90;
  expect(machine.paced.takeFound()).toBe(49n);
});

test("what was hashed after there was other work is not counted, and done anew", () => {
  const machine = new Machine(1_000, 1e9);
  machine.run(40);
  // Another thread made a find at 30 ms, which is heard of at 45 ms.
  machine.nowMs = 45;
  expect(machine.paced.hashesTried()).toBe(45);
  machine.paced.begin(0n, 30);
  expect([machine.paced.hashesTried(), machine.paced.doneUntilMs]).toEqual([30, 30]);
  machine.catchUp();
  expect(machine.paced.hashesTried()).toBe(45);
});

test("a rate of zero and a rest try nothing, and what follows owes nothing", () => {
  const machine = new Machine(0);
  expect(machine.paced.step()).toEqual({ foundNonce: null, nextAtMs: null });
  machine.nowMs = 60_000;
  machine.paced.setRate(1_000);
  machine.paced.rest();
  machine.nowMs = 120_000;
  expect(machine.paced.step()).toEqual({ foundNonce: null, nextAtMs: null });
  machine.paced.begin(0n);
  machine.paced.step();
  machine.nowMs += 50;
  expect(machine.paced.hashesTried()).toBe(50);
});
