import type { NodeContext } from "../../adapters/http/node-context.ts";
import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";

/** Waiting transactions of an application that one answer holds: the oldest, of more than anyone reads. */
export const PENDING_COUNT_MAX = 10_000;

/** What waits of an application, the oldest first. */
export function pendingOf({ host }: NodeContext, app: string): readonly TransactionFacts[] {
  const found: TransactionFacts[] = [];
  for (const facts of host.machine.mempool.inOrderOfArrival()) {
    if (found.length === PENDING_COUNT_MAX) break;
    if (facts.tx.body.kind === "app" && facts.tx.body.app === app) found.push(facts);
  }
  return found;
}

/** The payload of a transaction of this application; null if it is none. */
export function payloadOf({ tx }: TransactionFacts, app: string): string | null {
  return tx.body.kind === "app" && tx.body.app === app ? tx.body.payload : null;
}
