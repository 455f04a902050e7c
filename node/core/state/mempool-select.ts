import { TRANSACTION_FRAME_BYTES } from "../chain/block-bytes.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Coins, Hex } from "../chain/types.ts";
import type { AccountReader } from "../rules/account-state.ts";
import { type AccountQueue, isPreferred, type Waiting } from "./mempool-account.ts";
import { Heap } from "./mempool-heap.ts";

/**
 * Takes the best of the accounts' next transactions until nothing more fits: highest fee a byte first, then age, each account
 * in its sequence. Greedy by one transaction at a time: a low fee in front of a high one of the same account holds it back.
 * What an account is paid in the same block is not counted towards its cover; it can be spent one block later.
 */
export function selectTransactions(
  queues: ReadonlyMap<Hex, AccountQueue>,
  ledger: AccountReader,
  bytesMax: number,
): TransactionFacts[] {
  const cursors = new Heap<Cursor>((a, b) => isPreferred(a.next, b.next));
  for (const [account, queue] of queues) {
    const { balance, nextSequence } = ledger.accountOf(account);
    const position = queue.waiting.findIndex(({ facts }) => facts.tx.sequence >= nextSequence);
    offer(cursors, queue, position, nextSequence, balance);
  }
  const selected: TransactionFacts[] = [];
  let room = bytesMax;
  for (let cursor = cursors.pop(); cursor !== undefined; cursor = cursors.pop()) {
    const { facts } = cursor.next;
    const sizeBytes = facts.sizeBytes + TRANSACTION_FRAME_BYTES;
    // One that does not fit holds back its account alone.
    if (sizeBytes > room) continue;
    room -= sizeBytes;
    selected.push(facts);
    offer(cursors, cursor.queue, cursor.position + 1, facts.tx.sequence + 1, cursor.balance - facts.cost);
  }
  return selected;
}

/** Where the selection stands in one account. */
interface Cursor {
  readonly queue: AccountQueue;
  readonly position: number;
  readonly next: Waiting;
  /** Before `next`. */
  readonly balance: Coins;
}

/** Puts the account back in the race, unless a gap, a missing cover or its end stops it. */
function offer(
  cursors: Heap<Cursor>,
  queue: AccountQueue,
  position: number,
  sequence: number,
  balance: Coins,
): void {
  const next = queue.waiting[position];
  if (next === undefined || next.facts.tx.sequence !== sequence || next.facts.cost > balance) return;
  cursors.push({ queue, position, next, balance });
}
