import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { COMPACT_COUNT_MAX } from "../state/compact-block.ts";
import type { Released } from "../state/mempool-account.ts";
import { type Message, makeCompact, makeTransactions, prefill } from "../state/messages.ts";
import { isUp } from "./link-masks.ts";
import type { LinkIndex, NodePort } from "./node-port.ts";

/**
 * How blocks and transactions spread. `announce`: the header first, the body on request; ids of transactions, many at a time. `push`: the
 * whole block and the whole transaction at once, for one latency in place of three. `compact`: header and short ids of transactions, which peers have
 * already, and whole what they lack; transactions as with `announce`.
 */
export type RelayMode = "announce" | "push" | "compact";

/** Transactions told to a new peer, so that a full mempool does not stall a link; the rest travels with the blocks. */
const MEMPOOL_GREETING_COUNT_MAX = 1_000;

/**
 * Tells every peer that is not known to know the block, and takes it as known there. `lacked` are the positions of transactions that go whole
 * where the block goes as short ids.
 */
export function relayBlock(
  tree: BlockTree,
  view: number,
  block: BlockEntry,
  mode: RelayMode,
  lacked: readonly number[],
  port: NodePort,
): void {
  const message = messageFor(block, mode, lacked);
  const { maskWords } = tree.columns;
  const { known } = block.beliefs;
  const firstWord = view * maskWords;
  for (let word = 0; word < maskWords; word++) {
    const up = tree.linksUp[firstWord + word] as number;
    const untold = up & ~(known[firstWord + word] as number);
    if (untold === 0) continue;
    known[firstWord + word] = (known[firstWord + word] as number) | up;
    port.sendToMany(view, word * 32, untold, message);
  }
}

function messageFor(block: BlockEntry, mode: RelayMode, lacked: readonly number[]): Message {
  const { delivery, transactions } = block;
  if (mode === "push" && delivery !== null) return delivery;
  if (mode !== "compact" || transactions === null || transactions.length > COMPACT_COUNT_MAX)
    return block.announcement;
  block.compact ??= makeCompact(block, transactions);
  return lacked.length === 0 ? block.compact : prefill(block.compact, transactions, lacked);
}

/**
 * Bytes of transactions in one message, beyond which they are sent in several: a link carries other messages between them, and nobody need take
 * in larger ones. One transaction may be larger.
 */
const TRANSACTIONS_BYTES_TARGET = 256 * 1024;

/** Sends these to one peer, in as many messages as it takes; none for none. */
export function sendTransactions(
  transactions: Iterable<TransactionFacts>,
  view: number,
  link: LinkIndex,
  port: NodePort,
): void {
  let some: TransactionFacts[] = [];
  let sizeBytes = 0;
  for (const facts of transactions) {
    if (some.length > 0 && sizeBytes + facts.sizeBytes > TRANSACTIONS_BYTES_TARGET) {
      port.send(view, link, makeTransactions(some));
      some = [];
      sizeBytes = 0;
    }
    some.push(facts);
    sizeBytes += facts.sizeBytes;
  }
  if (some.length > 0) port.send(view, link, makeTransactions(some));
}

/** Sends transactions at once and whole to all peers that are not known to have them. */
export function pushTransactions(
  tree: BlockTree,
  view: number,
  released: readonly Released[],
  port: NodePort,
): void {
  const whole = makeTransactions(released.map(({ facts }) => facts));
  for (let link = 0; link < tree.columns.maskWords * 32; link++) {
    if (!isUp(tree, view, link)) continue;
    const lacking = released.filter(({ knowers }) => !knowers.includes(link)).map(({ facts }) => facts);
    // Nearly always all or none, since those of one batch come from one peer: one message serves all.
    if (lacking.length === released.length) port.send(view, link, whole);
    else if (lacking.length > 0) port.send(view, link, makeTransactions(lacking));
  }
}

/** The same for a new peer and the first of these. */
export function sendOldest(
  waiting: Iterable<TransactionFacts>,
  view: number,
  link: LinkIndex,
  port: NodePort,
): void {
  const oldest: TransactionFacts[] = [];
  for (const facts of waiting) {
    oldest.push(facts);
    if (oldest.length === MEMPOOL_GREETING_COUNT_MAX) break;
  }
  sendTransactions(oldest, view, link, port);
}
