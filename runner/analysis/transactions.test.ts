import { expect, test } from "vitest";
import { aJournal, aPlan } from "../record/a-journal.ts";
import type { RunEvent } from "../record/run-event.ts";
import { analyse } from "./analyse.ts";

// Erlang(k) with a mean of 10 minutes, from the published table: minutes at 50, 90 and 99 %.
test.each([
  [1, [6.9, 23.0, 46.1]],
  [2, [16.8, 38.9, 66.4]],
  [6, [56.7, 92.7, 131.1]],
])("without forks the %i-th confirmation is Erlang distributed", (confirmations, minutes) => {
  const events = poissonChain(30_000, 600_000_000, 11);
  const endUs = events.at(-1)?.atUs ?? 0;
  const { confirmationUs } = analyse(aPlan({ confirmations, durationUs: endUs }, 1), events).transactions;
  const found = [confirmationUs.p50, confirmationUs.p90, confirmationUs.p99].map(
    (us) => (us ?? 0) / 60_000_000,
  );
  // 30,000 waits leave the 99 % point about 1.5 % of noise; overlapping waits a little more.
  for (const [i, value] of found.entries())
    expect(Math.abs(value / (minutes[i] ?? 1) - 1)).toBeLessThan(0.06);
});

/** One miner, one transaction before each block at a moment of its own, which the next block takes. */
function poissonChain(blockCount: number, meanUs: number, seed: number): RunEvent[] {
  const events: RunEvent[] = [];
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 4_294_967_296;
  };
  const arrivals = Array.from({ length: blockCount }, () => Math.floor(uniform() * blockCount * meanUs)).sort(
    (a, b) => a - b,
  );
  let atUs = 0;
  let parentHash = "00";
  let next = 0;
  for (let height = 1; height <= blockCount; height++) {
    atUs += Math.max(1, Math.round(-meanUs * Math.log(uniform())));
    const transactionIds: string[] = [];
    for (let due = arrivals[next]; due !== undefined && due <= atUs; due = arrivals[++next]) {
      const id = `t${next}`;
      transactionIds.push(id);
      events.push({
        type: "transaction-submitted",
        atUs: due,
        node: 0,
        id,
        kind: "post",
        fee: 0n,
        plannedAtUs: due,
      });
      events.push({ type: "transaction-settled", atUs: due, node: 0, id, outcome: "accepted", code: "" });
    }
    const hash = `b${height}`;
    const block = { hash, parentHash, height, timeMs: 0, work: 1n, sizeBytes: 1, transactionIds };
    events.push({ type: "block-mined", atUs, node: 0, ...block });
    parentHash = hash;
  }
  return events;
}

const CHAIN = () =>
  aJournal()
    .submit(0, 5, "deep")
    .submit(0, 6, "stale")
    .submit(0, 7, "bad", "refused")
    .submit(0, 8, "lost", "unknown")
    .mine(0, 10, "a", "00", { transactionIds: ["deep"] })
    .mine(1, 11, "x", "00", { transactionIds: ["stale"] })
    .mine(0, 20, "b", "a")
    .submit(0, 22, "young")
    .mine(0, 30, "c", "b", { transactionIds: ["young"] });

test("a confirmation lasts until the block that makes it deep enough, its own counted first", () => {
  const { transactions } = analyse(aPlan({ confirmations: 2 }), CHAIN().build());
  const [deep, stale, bad, lost, young] = transactions.fates;
  expect(deep).toMatchObject({ status: "confirmed", depth: 3, confirmedAfterUs: 15_000 });
  expect(stale).toMatchObject({ status: "censored", block: null, depth: 0 });
  expect(bad).toMatchObject({ status: "refused", confirmedAfterUs: null });
  expect(lost).toMatchObject({ status: "censored" });
  expect(young).toMatchObject({ status: "censored", depth: 1, confirmedAfterUs: null });
});

test("every submission is confirmed, censored or refused, and none is dropped", () => {
  const { transactions } = analyse(aPlan({ confirmations: 2 }), CHAIN().build());
  const { confirmedCount, censoredCount, refusedCount, unansweredCount, fates } = transactions;
  expect([confirmedCount, censoredCount, refusedCount, unansweredCount]).toEqual([1, 3, 1, 1]);
  expect(confirmedCount + censoredCount + refusedCount).toBe(fates.length);
  // Three of four still wait, so half is not reached.
  expect(transactions.confirmationUs.p50).toBeNull();
});

test("an id that was refused and submitted again belongs to the later submission", () => {
  const run = aJournal()
    .submit(0, 1, "t", "refused")
    .submit(0, 2, "t")
    .mine(0, 10, "a", "00", { transactionIds: ["t"] });
  const { fates } = analyse(aPlan(), run.build()).transactions;
  expect(fates.map((fate) => fate.status)).toEqual(["refused", "confirmed"]);
});
