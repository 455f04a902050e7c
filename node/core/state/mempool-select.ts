import { TRANSACTION_FRAME_BYTES } from "../chain/block-bytes.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Coins, Hex } from "../chain/types.ts";
import type { AccountReader } from "../rules/account-state.ts";
import type { DeltaBuilder } from "../rules/delta-builder.ts";
import { type AccountQueue, isPreferred, type Waiting } from "./mempool-account.ts";
import { Heap } from "./mempool-heap.ts";

/**
 * Takes the best of the accounts' next transactions until nothing more fits: highest fee a byte first, then age, each account
 * in its sequence. Greedy by one transaction at a time: a low fee in front of a high one of the same account holds it back.
 * What an account is paid in the same block is not counted towards its cover; it can be spent one block later. `builder`, over that ledger, is
 * given where applications have a say: what it refuses at its turn is tried again behind the others, and left out if that does not help.
 */
export function selectTransactions(
  queues: ReadonlyMap<Hex, AccountQueue>,
  ledger: AccountReader,
  bytesMax: number,
  builder: DeltaBuilder | null = null,
): TransactionFacts[] {
  const cursors = new Heap<Cursor>((a, b) => isPreferred(a.next, b.next));
  for (const [account, queue] of queues) {
    const { balance, nextSequence } = ledger.accountOf(account);
    const position = queue.waiting.findIndex(({ facts }) => facts.tx.sequence >= nextSequence);
    offer(cursors, queue, position, nextSequence, balance);
  }
  const selected: TransactionFacts[] = [];
  let room = bytesMax;
  const putOff: Cursor[] = [];
  let countAtRound = 0;
  for (let round = 0, cursor = cursors.pop(); ; cursor = cursors.pop()) {
    if (cursor === undefined) {
      if (putOff.length === 0 || selected.length === countAtRound || round === ROUNDS_MAX) break;
      round += 1;
      countAtRound = selected.length;
      for (const again of putOff.splice(0)) cursors.push(again);
      continue;
    }
    const { facts } = cursor.next;
    const sizeBytes = facts.sizeBytes + TRANSACTION_FRAME_BYTES;
    // One that does not fit holds back its account alone.
    if (sizeBytes > room) continue;
    if (builder !== null && builder.spend(facts) !== null) {
      putOff.push(cursor);
      continue;
    }
    room -= sizeBytes;
    selected.push(facts);
    offer(cursors, cursor.queue, cursor.position + 1, facts.tx.sequence + 1, cursor.balance - facts.cost);
  }
  return selected;
}

/** How often what was refused is tried again: chains of transactions that build on one another and pay ever more are short. */
const ROUNDS_MAX = 8;

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
