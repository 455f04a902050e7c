import { expect, test } from "vitest";
import { contextOf, someFacts } from "../../../test/support/chain-fixtures.ts";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { chainChange } from "../../core/state/fork-choice.ts";
import { MICROS_PER_MS, MICROS_PER_SEC } from "../../core/support/micros.ts";
import { depthLabel } from "./depth-label.ts";
import { MetricRegistry } from "./metric-registry.ts";
import { MetricsTelemetry, SUBMITTED_COUNT_MAX } from "./metrics-telemetry.ts";

const VIEW = 0;

/** The telemetry under test, the registry that it writes to, and blocks to tell it of. */
class Counted {
  readonly author = new BlockAuthor();
  readonly context = contextOf(this.author.tree.parameters);
  readonly #registry = new MetricRegistry("node-7");
  readonly telemetry = new MetricsTelemetry(this.#registry);

  /** Received this long after its header's time. */
  receive(block: BlockEntry, afterUs = 0): BlockEntry {
    this.telemetry.blockReceived(VIEW, block, block.header.timeMs * MICROS_PER_MS + afterUs);
    return block;
  }

  mine(block: BlockEntry): BlockEntry {
    this.telemetry.blockMined(VIEW, block);
    return block;
  }

  moveTip(from: BlockEntry, to: BlockEntry, nowUs = 0): void {
    this.telemetry.tipChanged(VIEW, to, from, chainChange(from, to), nowUs);
  }

  /** Values by series of the metrics that begin so, from the text that Prometheus reads; the label `node` is left out. */
  async read(metric: string): Promise<Record<string, number>> {
    const lines = (await this.#registry.text()).split("\n").filter((line) => line.startsWith(metric));
    return Object.fromEntries(
      lines.map((line) => {
        const [, series = line, value] = /^(.+) (\S+)$/.exec(line) ?? [];
        expect(series).toContain('node="node-7"');
        return [series.replace(/,?node="node-7",?/, "").replace("{}", ""), Number(value)];
      }),
    );
  }
}

test("blocks that were mined and received are counted apart, and each once", async () => {
  const node = new Counted();
  const first = node.mine(node.author.child(node.author.genesis));
  const second = node.receive(node.author.child(first));
  node.receive(node.author.child(second));
  expect(await node.read("forklab_blocks_")).toEqual({
    forklab_blocks_mined_total: 1,
    forklab_blocks_received_total: 2,
  });
  expect(node.telemetry.heldCount).toBe(3);
});

test("propagation runs from the header's time to the arrival, and is never below zero, however the clocks differ", async () => {
  const node = new Counted();
  const blocks = node.author.chain(node.author.genesis, 3);
  const afterUs = [40 * MICROS_PER_MS, 3 * MICROS_PER_SEC, -5 * MICROS_PER_MS];
  for (const [index, block] of blocks.entries()) node.receive(block, afterUs[index]);
  const read = await node.read("forklab_block_propagation_seconds");
  expect(read).toMatchObject({
    'forklab_block_propagation_seconds_bucket{le="0.001"}': 1,
    'forklab_block_propagation_seconds_bucket{le="0.025"}': 1,
    'forklab_block_propagation_seconds_bucket{le="0.05"}': 2,
    'forklab_block_propagation_seconds_bucket{le="2.5"}': 2,
    'forklab_block_propagation_seconds_bucket{le="5"}': 3,
    'forklab_block_propagation_seconds_bucket{le="+Inf"}': 3,
    forklab_block_propagation_seconds_count: 3,
  });
  expect(read.forklab_block_propagation_seconds_sum).toBeCloseTo(3.04, 9);
});

test("refused blocks are counted by the rule that they broke", async () => {
  const node = new Counted();
  const { hash } = node.author.genesis;
  node.telemetry.blockRefused(VIEW, hash, { code: "bad-version", version: 2 }, 0);
  node.telemetry.blockRefused(VIEW, hash, { code: "bad-parent", parentHash: hash }, null);
  node.telemetry.blockRefused(VIEW, hash, { code: "bad-version", version: 3 }, 1);
  expect(await node.read("forklab_blocks_refused_total")).toEqual({
    'forklab_blocks_refused_total{code="bad-version"}': 2,
    'forklab_blocks_refused_total{code="bad-parent"}': 1,
  });
});

test("a fork is a height with a second block, whoever its parent is; a third one makes no other", async () => {
  const node = new Counted();
  const { author } = node;
  const forksSeen = async () => (await node.read("forklab_forks_seen_total")).forklab_forks_seen_total;
  const first = node.receive(author.child(author.genesis));
  node.receive(author.child(first));
  // Known by its header alone: never held, no fork here.
  const rival = author.child(author.genesis);
  expect(await forksSeen()).toBe(0);
  node.receive(rival);
  expect(await forksSeen()).toBe(1);
  // The branch goes on: height 2 is forked as well, though the two blocks there have different parents.
  node.mine(author.child(rival));
  expect(await forksSeen()).toBe(2);
  node.receive(author.child(first));
  node.receive(author.child(author.genesis));
  expect(await forksSeen()).toBe(2);
});

test("a fork with a block that was there before the process started is seen", async () => {
  const node = new Counted();
  const { author, telemetry } = node;
  for (const block of author.chain(author.genesis, 2)) telemetry.blockRestored(block);
  expect(telemetry.heldCount).toBe(2);
  expect(await node.read("forklab_forks_seen_total")).toEqual({ forklab_forks_seen_total: 0 });
  node.receive(author.child(author.genesis));
  expect(await node.read("forklab_forks_seen_total")).toEqual({ forklab_forks_seen_total: 1 });
  expect(await node.read("forklab_blocks_received_total")).toEqual({ forklab_blocks_received_total: 1 });
});

test("a change of tip that leaves blocks behind is counted by how many, in a bounded number of series", async () => {
  const node = new Counted();
  const { author } = node;
  const tip = author.chain(author.genesis, 20).at(-1) ?? author.genesis;
  node.moveTip(author.genesis, tip);
  expect(await node.read("forklab_reorganisations_total")).toEqual({});
  for (const depth of [1, 3, 4, 6, 7, 12, 13, 20]) {
    const fork = ancestorOf(tip, depth);
    node.moveTip(tip, author.child(fork));
  }
  expect(await node.read("forklab_reorganisations_total")).toEqual({
    'forklab_reorganisations_total{depth="1"}': 1,
    'forklab_reorganisations_total{depth="3"}': 1,
    'forklab_reorganisations_total{depth="4-6"}': 2,
    'forklab_reorganisations_total{depth="7-12"}': 2,
    'forklab_reorganisations_total{depth="13+"}': 2,
  });
  const labels = new Set(Array.from({ length: 10_000 }, (_, index) => depthLabel(index + 1)));
  expect([...labels]).toEqual(["1", "2", "3", "4-6", "7-12", "13+"]);
});

test("transactions that joined the best chain are counted without coinbases, and again after a reorganisation", async () => {
  const node = new Counted();
  const { author, context } = node;
  const transactions = [0, 1, 2].map((sequence) => someFacts(context, { sequence }));
  const full = author.child(author.genesis, { transactions });
  node.moveTip(author.genesis, full);
  node.moveTip(full, author.child(full));
  expect(await node.read("forklab_transactions_confirmed_total")).toEqual({
    forklab_transactions_confirmed_total: 3,
  });
  const rival = author.child(author.genesis, { transactions: transactions.slice(0, 2) });
  node.moveTip(full, author.child(rival));
  expect(await node.read("forklab_transactions_confirmed_total")).toEqual({
    forklab_transactions_confirmed_total: 5,
  });
});

test("confirmation runs from the submission here to the first block, once; what came by gossip is not measured", async () => {
  const node = new Counted();
  const { author, context, telemetry } = node;
  const mine = someFacts(context, { sequence: 0 });
  const gossiped = someFacts(context, { sequence: 1 });
  telemetry.transactionSubmitted(VIEW, mine, null, 1 * MICROS_PER_SEC);
  const block = author.child(author.genesis, { transactions: [mine, gossiped] });
  node.moveTip(author.genesis, block, 4 * MICROS_PER_SEC);
  // It is reorganised into another block: the first was told already.
  const rival = author.child(author.genesis, { transactions: [mine] });
  node.moveTip(block, author.child(rival), 9 * MICROS_PER_SEC);
  expect(await node.read("forklab_transaction_confirmation_seconds")).toMatchObject({
    'forklab_transaction_confirmation_seconds_bucket{le="2.5"}': 0,
    'forklab_transaction_confirmation_seconds_bucket{le="5"}': 1,
    forklab_transaction_confirmation_seconds_sum: 3,
    forklab_transaction_confirmation_seconds_count: 1,
  });
});

test("submissions are counted as accepted or by the code of their refusal, and a refused one is never measured", async () => {
  const node = new Counted();
  const { author, context, telemetry } = node;
  const good = someFacts(context, { sequence: 0 });
  const bad = someFacts(context, { sequence: 1 });
  telemetry.transactionSubmitted(VIEW, good, null, 0);
  telemetry.transactionSubmitted(VIEW, bad, { code: "bad-signature", id: bad.id }, 0);
  node.moveTip(author.genesis, author.child(author.genesis, { transactions: [good, bad] }));
  expect(await node.read("forklab_transactions_accepted_total")).toEqual({
    forklab_transactions_accepted_total: 1,
  });
  expect(await node.read("forklab_transactions_refused_total")).toEqual({
    'forklab_transactions_refused_total{code="bad-signature"}': 1,
  });
  expect(await node.read("forklab_transaction_confirmation_seconds_count")).toEqual({
    forklab_transaction_confirmation_seconds_count: 1,
  });
});

test("only the newest submissions are waited for, so that what is never confirmed does not pile up", async () => {
  const node = new Counted();
  const { author, context, telemetry } = node;
  const oldest = someFacts(context, { sequence: 0 });
  const newest = someFacts(context, { sequence: 1 });
  telemetry.transactionSubmitted(VIEW, oldest, null, 0);
  for (let count = 1; count < SUBMITTED_COUNT_MAX; count++)
    telemetry.transactionSubmitted(VIEW, { ...oldest, id: `other ${count}` }, null, 0);
  telemetry.transactionSubmitted(VIEW, newest, null, 0);
  node.moveTip(author.genesis, author.child(author.genesis, { transactions: [oldest, newest] }));
  expect(await node.read("forklab_transaction_confirmation_seconds_count")).toEqual({
    forklab_transaction_confirmation_seconds_count: 1,
  });
});

function ancestorOf(block: BlockEntry, depth: number): BlockEntry {
  let ancestor = block;
  for (let step = 0; step < depth; step++) ancestor = ancestor.parent ?? ancestor;
  return ancestor;
}
