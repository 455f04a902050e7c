import fc from "fast-check";
import { expect, test } from "vitest";
import { alice, bob, contextOf, miner, someFacts } from "../../../test/support/chain-fixtures.ts";
import { START_US } from "../../../test/support/lone-machine.ts";
import { aTree } from "../../../test/support/mined-blocks.ts";
import { medianTimePastMs } from "../rules/difficulty.ts";
import { Mempool } from "../state/mempool.ts";
import { buildTemplate } from "./block-template.ts";

const text = "x".repeat(700);

test("whatever waits, the template is a valid block that pays its fees to the miner", () => {
  const aSpend = fc.record({
    signer: fc.constantFrom(alice, bob),
    fee: fc.bigInt(0n, 40n),
    long: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(aSpend, { maxLength: 8 }),
      fc.integer({ min: 400, max: 4_000 }),
      (spends, blockBytesMax) => {
        const tree = aTree({ blockBytesMax });
        const mempool = new Mempool(100_000);
        const ledger = tree.ledgerAfter(tree.genesis);
        for (const { signer, fee, long } of spends) {
          const sequence = mempool.nextSequenceOf(signer.publicKey, ledger);
          const body = long ? ({ kind: "post", text } as const) : undefined;
          const fields = { signer, fee, sequence, ...(body === undefined ? {} : { body }) };
          mempool.add(someFacts(tree.transactionContext, fields), ledger, 0);
        }
        const template = buildTemplate(tree, tree.genesis, mempool, miner.publicKey, START_US);
        const entered = tree.enterMined(template.header, template.transactions);
        expect(entered.ok && tree.judge(entered.block)).toBeNull();
        if (!entered.ok) return;
        const fees = template.transactions.reduce((sum, { tx }) => sum + tx.fee, 0n);
        expect(tree.ledgerAfter(entered.block).accountOf(miner.publicKey).balance).toBe(50n + fees);
      },
    ),
    { numRuns: 60 },
  );
});

test("its time is the miner's clock, and where that is behind the smallest that the rules allow", () => {
  const tree = aTree();
  const timeAt = (nowUs: number) =>
    buildTemplate(tree, tree.genesis, new Mempool(1_000), miner.publicKey, nowUs).header.timeMs;
  expect(timeAt(START_US + 999)).toBe(START_US / 1_000);
  expect(timeAt(0)).toBe(medianTimePastMs(tree.genesis) + 1);
});

test("a template commits to what it holds, so that two miners never make one block", () => {
  const tree = aTree();
  const context = contextOf(tree.parameters);
  const mempool = new Mempool(10_000);
  const empty = buildTemplate(tree, tree.genesis, mempool, miner.publicKey, START_US);
  const rival = buildTemplate(tree, tree.genesis, mempool, alice.publicKey, START_US);
  expect(empty.header.merkleRoot).not.toBe(rival.header.merkleRoot);
  const waiting = someFacts(context);
  mempool.add(waiting, tree.ledgerAfter(tree.genesis), 0);
  const full = buildTemplate(tree, tree.genesis, mempool, miner.publicKey, START_US);
  expect(full.transactions.map(({ id }) => id).slice(1)).toEqual([waiting.id]);
  expect(full.transactions[0]?.tx.body).toEqual({ kind: "coinbase", amount: 51n });
});
