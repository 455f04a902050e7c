import { expect, test } from "vitest";
import type { RunEvent } from "../../record/run-event.ts";
import { MinedLedger, minedEventOf } from "./mined-ledger.ts";

const hashOf = (digit: string) => digit.repeat(64);

function mined(hash: string): RunEvent {
  return {
    type: "block-mined",
    atUs: 1,
    node: 0,
    hash,
    parentHash: hashOf("0"),
    height: 1,
    timeMs: 1,
    work: 1n,
    sizeBytes: 1,
    transactionIds: [],
  };
}

const received = (hash: string, node: number): RunEvent => ({ type: "block-received", atUs: 2, node, hash });

const newTip = (hash: string, node: number, connected: number): RunEvent => ({
  type: "tip-changed",
  atUs: 3,
  node,
  hash,
  previousHash: hashOf("0"),
  height: 1,
  disconnected: 0,
  connected,
});

test("a block that somebody received and nobody was heard to mine is missing, with who has it", () => {
  const ledger = new MinedLedger();
  ledger.hear(mined(hashOf("a")));
  ledger.hear(received(hashOf("a"), 1));
  ledger.hear(received(hashOf("b"), 2));
  expect(ledger.unheard()).toEqual([[hashOf("b"), 2]]);
});

test("news of the mining may come after news of the arrival: streams of two nodes do not wait for each other", () => {
  const ledger = new MinedLedger();
  ledger.hear(received(hashOf("a"), 1));
  ledger.hear(mined(hashOf("a")));
  expect(ledger.unheard()).toEqual([]);
});

test("a miner's own tip betrays a block whose mining was not told; genesis, which connects nothing, is no such block", () => {
  const ledger = new MinedLedger();
  ledger.hear(newTip(hashOf("c"), 0, 1));
  ledger.hear(newTip(hashOf("0"), 1, 0));
  expect(ledger.unheard()).toEqual([[hashOf("c"), 0]]);
});

test("the event made of a fetched block has the header's time and no coinbase", () => {
  const block = {
    hash: hashOf("a"),
    parentHash: hashOf("0"),
    height: 4,
    timeMs: 1_700_000_002_000,
    miner: hashOf("d"),
    work: 9n,
    sizeBytes: 333,
    transactions: [{ id: hashOf("1") }, { id: hashOf("2") }],
  };
  expect(minedEventOf(block, 3, 1_700_000_000_000_000)).toEqual({
    type: "block-mined",
    atUs: 2_000_000,
    node: 3,
    hash: hashOf("a"),
    parentHash: hashOf("0"),
    height: 4,
    timeMs: 1_700_000_002_000,
    work: 9n,
    sizeBytes: 333,
    transactionIds: [hashOf("2")],
  });
});
