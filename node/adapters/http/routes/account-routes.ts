import * as z from "zod";
import type { Hex } from "../../../core/chain/types.ts";
import type { ChainPosition, ChainQueries, TransactionPlace } from "../../../ports/chain-queries.ts";
import type { NodeContext } from "../node-context.ts";
import { refusal, value } from "../reply.ts";
import { route } from "../route.ts";
import { accountShape, type historyEntryShape } from "../shapes/transaction-shapes.ts";
import { positionText } from "./position-text.ts";
import { accountParams, limit, position } from "./query-values.ts";

/** Fewer than elsewhere, since most who ask want the balance. */
const HISTORY_COUNT_DEFAULT = 20;

const accountRoute = route({
  method: "GET",
  path: "/accounts/:key",
  section: "chain",
  text: `{account, balance, nextSequence, nextToSubmit, asOf, history}: after the tip \`asOf\`, not counting what waits; only \`nextToSubmit\` does, the sequence that the account's next transaction needs here. \`history\` is {count, fromHeight, entries, next}, what the account mined, sent and received on the best chain from that height on, the newest first, \`limit\` of them (${HISTORY_COUNT_DEFAULT} if left out); \`before\` takes the \`next\` of the page before. It is null as long as a node that was just started looks through its blocks.`,
  params: accountParams,
  query: z.strictObject({ before: position(), limit: limit() }),
  answer: accountShape,
  errors: ["damaged-block"],
  handle: ({ params: { key: account }, query }, { host, queries }: NodeContext) => {
    const { tip, tree } = host.machine;
    const { balance, nextSequence } = tree.ledgerAfter(tip).accountOf(account);
    const history = queries.isBehind ? null : historyOf(account, query, queries);
    if (history === "lost") return refusal("damaged-block");
    return value({
      account,
      balance: balance.toString(),
      nextSequence,
      nextToSubmit: host.nextSequenceOf(account),
      asOf: tip.hash,
      history,
    });
  },
});

function historyOf(
  account: Hex,
  query: { readonly before?: ChainPosition | undefined; readonly limit?: number | undefined },
  queries: ChainQueries,
) {
  const page = queries.historyOf(account, query.before ?? null, query.limit ?? HISTORY_COUNT_DEFAULT);
  const entries = [];
  for (const place of page.places) {
    const entry = entryOf(place, account, queries);
    if (entry === null) return "lost";
    entries.push(entry);
  }
  return { count: page.count, fromHeight: queries.fromHeight, entries, next: positionText(page.next) };
}

function entryOf(
  { block, index }: TransactionPlace,
  account: Hex,
  queries: ChainQueries,
): z.input<typeof historyEntryShape> | null {
  const facts = queries.bodyOf(block)?.[index];
  if (facts === undefined) return null;
  const { body, sender, fee } = facts.tx;
  const { height, timeMs } = block.header;
  const isReceived = sender !== account;
  const recipient = body.kind === "transfer" ? body.recipient : null;
  return {
    id: facts.id,
    block: block.hash,
    height,
    index,
    timeMs,
    kind: body.kind,
    role: body.kind === "coinbase" ? "mined" : isReceived ? "received" : "sent",
    other: isReceived ? sender : recipient,
    amount: "amount" in body ? body.amount.toString() : null,
    fee: fee.toString(),
  };
}

export const accountRoutes = [accountRoute];
