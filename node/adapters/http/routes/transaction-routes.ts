import * as z from "zod";
import { merkleProof } from "../../../core/chain/merkle.ts";
import { encodingFault } from "../../../core/chain/transaction-bytes.ts";
import type { TransactionFacts } from "../../../core/chain/transaction-facts.ts";
import type { Hex } from "../../../core/chain/types.ts";
import type { Violation } from "../../../core/rules/violation.ts";
import { settleSignatures } from "../../../host/settle-signatures.ts";
import type { TransactionPlace } from "../../../ports/chain-queries.ts";
import type { VerifyLater } from "../../../ports/crypto.ts";
import { transactionSchema } from "../../../schemas/transaction-schema.ts";
import { transactionJson } from "../block-json.ts";
import { PAGE_COUNT_DEFAULT } from "../chain-pages.ts";
import { isErrorCode } from "../error-table.ts";
import type { NodeContext } from "../node-context.ts";
import { type Refusal, refusal, value } from "../reply.ts";
import { route } from "../route.ts";
import { hash } from "../shapes/plain-shapes.ts";
import { foundTransactionShape, mempoolShape, transactionPageShape } from "../shapes/transaction-shapes.ts";
import { positionText } from "./position-text.ts";
import { idParams, limit, position } from "./query-values.ts";

export const submitRoute = route({
  method: "POST",
  path: "/transactions",
  section: "chain",
  text: "Takes a signed transaction and answers 202 with {id}: it waits for a block. Otherwise an error with the code of the rule.",
  body: transactionSchema,
  isBusy: true,
  status: 202,
  answer: z.object({ id: hash() }),
  errors: [
    "bad-payload",
    "bad-signature",
    "bad-sequence",
    "no-cover",
    "unknown-application",
    "app-refused",
    "already-known",
    "sequence-taken",
    "sequence-too-far",
    "over-free-relay",
    "mempool-full",
  ],
  handle: async ({ body: tx }, { host, nowUs, verifyLater }: NodeContext) => {
    const fault = encodingFault(tx);
    if (fault !== null) return refusal("bad-request", fault);
    const facts = host.machine.tree.transactions.factsOf(tx);
    // On another thread meanwhile this one serves others; as many wait as there are requests under way.
    if (host.needsTransaction(facts, nowUs())) await signatureOf(facts, verifyLater);
    const violation = host.submit(facts, nowUs());
    return violation === null ? value({ id: facts.id }) : ruleRefusal(violation);
  },
});

/** Resolves when it is known whether the transaction is signed. */
function signatureOf(facts: TransactionFacts, verifyLater: VerifyLater): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (!settleSignatures([facts], verifyLater, resolve)) resolve();
  return promise;
}

const latestRoute = route({
  method: "GET",
  path: "/transactions",
  section: "chain",
  text: "Transactions of the best chain, the newest first: {height, tip, transactions: [{block, height, index, transaction}], next}. `before` takes the `next` of the page before; `limit` as above.",
  query: z.strictObject({ before: position(), limit: limit() }),
  answer: transactionPageShape,
  errors: ["index-behind", "damaged-block"],
  handle: ({ query }, { host, queries }: NodeContext) => {
    if (queries.isBehind) return refusal("index-behind");
    const { tip } = host.machine;
    const page = queries.latest(query.before ?? null, query.limit ?? PAGE_COUNT_DEFAULT);
    const transactions = [];
    for (const { block, index } of page.places) {
      const facts = queries.bodyOf(block)?.[index];
      if (facts === undefined) return refusal("damaged-block");
      const { height } = block.header;
      transactions.push({ block: block.hash, height, index, transaction: transactionJson(facts) });
    }
    return value({ height: tip.header.height, tip: tip.hash, transactions, next: positionText(page.next) });
  },
});

const transactionRoute = route({
  method: "GET",
  path: "/transactions/:id",
  section: "chain",
  text: 'One transaction: {state: "waiting" or "confirmed", block, height, confirmations, proof, transaction}. `proof` is the Merkle proof {merkleRoot, index, leafCount, siblings} that the block commits to it ([how to check it](chain-format.md#merkle-tree)), null while it waits. The mempool and the newest million transactions of the best chain are looked at.',
  params: idParams,
  answer: foundTransactionShape,
  errors: ["unknown-transaction", "index-behind", "damaged-block"],
  handle: ({ params: { id } }, node: NodeContext) => {
    const waiting = node.host.machine.mempool.get(id);
    if (waiting !== null) {
      const nowhere = { block: null, height: null, confirmations: 0, proof: null };
      return value({ state: "waiting" as const, ...nowhere, transaction: transactionJson(waiting) });
    }
    if (node.queries.isBehind) return refusal("index-behind");
    const place = node.queries.placeOf(id);
    if (place === null) {
      const { fromHeight } = node.queries;
      return refusal("unknown-transaction", undefined, { fromHeight });
    }
    return confirmedReply(place, node);
  },
});

function confirmedReply({ block, index }: TransactionPlace, { host, queries }: NodeContext) {
  const transactions = queries.bodyOf(block);
  const facts = transactions?.[index];
  if (transactions === null || facts === undefined) return refusal("damaged-block");
  const { tree, tip } = host.machine;
  const ids: Hex[] = transactions.map((each) => each.id);
  const proof = merkleProof(ids, index, tree.transactionContext.sha256);
  const { height, merkleRoot } = block.header;
  return value({
    state: "confirmed" as const,
    block: block.hash,
    height,
    confirmations: tip.header.height - height + 1,
    proof: proof === null ? null : { merkleRoot, ...proof, siblings: [...proof.siblings] },
    transaction: transactionJson(facts),
  });
}

const mempoolRoute = route({
  method: "GET",
  path: "/mempool",
  section: "chain",
  text: "{count, bytes, transactions}: what waits for a block, the oldest first; `limit` as above.",
  query: z.strictObject({ limit: limit() }),
  answer: mempoolShape,
  handle: ({ query }, { host }: NodeContext) => {
    const { mempool } = host.machine;
    const transactions = [];
    for (const facts of mempool.inOrderOfArrival()) {
      if (transactions.length === (query.limit ?? PAGE_COUNT_DEFAULT)) break;
      transactions.push(transactionJson(facts));
    }
    return value({ count: mempool.count, bytes: mempool.bytes, transactions });
  },
});

/** A transaction that a rule refused: its code, and its facts as details. */
export function ruleRefusal({ code, ...facts }: Violation): Refusal {
  const details = Object.entries(facts).map(([key, fact]) => [
    key,
    typeof fact === "bigint" ? fact.toString() : fact,
  ]);
  return refusal(isErrorCode(code) ? code : "bad-payload", undefined, Object.fromEntries(details));
}

export const transactionRoutes = [submitRoute, latestRoute, transactionRoute, mempoolRoute];
