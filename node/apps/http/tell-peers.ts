import type { NodeContext } from "../../adapters/http/node-context.ts";
import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";
import { transactionToJson } from "../../core/chain/transaction-json.ts";
import type { Micros } from "../../core/support/micros.ts";
import { conditionTowards } from "../../link/link-conditions.ts";
import { perNode } from "./per-node.ts";

/** For how long peers may not have heard of what was handed in here: news waits for half a second, and then for its way. */
const UNTOLD_US_MAX: Micros = 1_000_000;

/** So many of them at most: more in a second is a load, and loads are told of in bulk. */
const UNTOLD_COUNT_MAX = 100;

const handedInOf = perNode((): { facts: TransactionFacts; atUs: Micros }[] => []);

/** Notes what was just taken in here, and may be told with what comes after it. */
export function noteHandedIn(node: NodeContext, facts: TransactionFacts): void {
  const handedIn = handedInOf(node);
  const atUs = node.nowUs();
  handedIn.push({ facts, atUs });
  while (handedIn.length > UNTOLD_COUNT_MAX || (handedIn[0]?.atUs ?? atUs) < atUs - UNTOLD_US_MAX)
    handedIn.shift();
}

/**
 * Hands what was just taken in here to every node that this one is linked with, in its order, and waits for their answers: for clients that are told that
 * the network knows it. Whom an experiment cut off is told nothing, and who does not answer hears of it in the usual way.
 */
export async function tellPeers(node: NodeContext): Promise<void> {
  const { host, peers } = node;
  const { mempool } = host.machine;
  const conditions = peers.conditions();
  const reached = peers
    .list()
    .filter(({ up, name }) => up && name !== null && !conditionTowards(conditions, name).cut);
  const waiting = handedInOf(node)
    .filter(({ facts }) => mempool.has(facts.id))
    .map(({ facts }) => transactionToJson(facts.tx));
  await Promise.all(
    reached.map(async ({ url }) => {
      for (const json of waiting) await peers.tell(url, "/transactions", json);
    }),
  );
}
