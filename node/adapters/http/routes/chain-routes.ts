import * as z from "zod";
import type { BlockEntry } from "../../../core/state/block-entry.ts";
import { headerJson } from "../block-json.ts";
import { PAGE_COUNT_DEFAULT, PAGE_COUNT_MAX, pageOf } from "../chain-pages.ts";
import { NDJSON_TYPE, streamChain } from "../chain-stream.ts";
import type { NodeContext } from "../node-context.ts";
import { type Reply, refusal, TAKEN, value } from "../reply.ts";
import { route } from "../route.ts";
import { blockPageShape, headerPageShape, oneBlockShape } from "../shapes/block-shapes.ts";
import { hashParams, limit, wholeNumber } from "./query-values.ts";

/** Readers of the whole chain at once. */
const STREAMS_MAX = 8;

const pageText = `\`limit\` is 1 to ${PAGE_COUNT_MAX}, ${PAGE_COUNT_DEFAULT} if left out; a page of large blocks ends earlier. \`next\` is the height to go on from, null at the tip.`;

const pageQuery = z.strictObject({ from: wholeNumber().optional(), limit: limit() });

export const chainRoute = route({
  method: "GET",
  path: "/chain",
  section: "chain",
  text: `A page of the best chain, height ascending: {height, tip, from, next, blocks}, each block with its transactions. Without \`from\` the page is the newest. ${pageText} With \`whole=true\` all blocks from \`from\` (0 if left out) to the tip, one a line as NDJSON: a stream that is made as it is read, and stays on the chain that it began with, whose tip is in \`x-forklab-tip\`.`,
  query: pageQuery.extend({ whole: z.literal("true").optional() }),
  answer: blockPageShape,
  types: [NDJSON_TYPE],
  errors: ["damaged-block", "too-many-readers"],
  isBusy: true,
  handle: ({ query: { whole, ...query }, exchange }, node: NodeContext) => {
    const { tip } = node.host.machine;
    if (whole === undefined) return node.pages.reply(tip, query) ?? refusal("damaged-block");
    if (query.limit !== undefined) return refusal("bad-request", "limit: the whole chain has no pages");
    if (exchange.request.method === "HEAD") return value(undefined as never, { "content-type": NDJSON_TYPE });
    if (node.streams.count >= STREAMS_MAX) return refusal("too-many-readers");
    node.streams.count += 1;
    streamChain(exchange, node, tip, query.from ?? 0)
      .finally(() => {
        node.streams.count -= 1;
      })
      .catch(node.fatal);
    return TAKEN;
  },
});

const blocksRoute = route({
  method: "GET",
  path: "/blocks",
  section: "chain",
  text: `The same page, of the blocks from a height on: \`from\` must be there.`,
  query: pageQuery.extend({ from: wholeNumber() }),
  answer: blockPageShape,
  errors: ["damaged-block"],
  handle: ({ query }, node: NodeContext) =>
    node.pages.reply(node.host.machine.tip, query) ?? refusal("damaged-block"),
});

const headersRoute = route({
  method: "GET",
  path: "/headers",
  section: "chain",
  text: "The same page without transactions: {height, tip, from, next, headers}. Headers come with hash, sizeBytes, work, chainWork, difficulty and transactionCount.",
  query: pageQuery,
  answer: headerPageShape,
  errors: ["damaged-block"],
  handle: ({ query }, node: NodeContext) => {
    const { tip } = node.host.machine;
    const { from, blocks, next } = pageOf(node.queries, tip, query);
    const headers = [];
    for (const block of blocks) {
      const transactions = node.queries.bodyOf(block);
      if (transactions === null) return refusal("damaged-block");
      headers.push(headerJson(block, transactions.length));
    }
    return value({ height: tip.header.height, tip: tip.hash, from, next, headers });
  },
});

const blockRoute = route({
  method: "GET",
  path: "/blocks/:hash",
  section: "chain",
  text: "One block that is held, on the best chain or not, with its transactions; `confirmations` is 1 for the tip and null off the best chain.",
  params: hashParams,
  answer: oneBlockShape,
  errors: ["unknown-block", "damaged-block"],
  handle: ({ params }, node: NodeContext) => {
    const block = node.host.machine.tree.get(params.hash);
    if (block === null || block.heldCount === 0) return refusal("unknown-block");
    return blockReply(block, node);
  },
});

/** The block's bytes, which are kept, with what changes appended. */
export function blockReply(block: BlockEntry, node: NodeContext): Reply<z.input<typeof oneBlockShape>> {
  const json = node.encoded.json(block);
  if (json === null) return refusal("damaged-block");
  const { tip } = node.host.machine;
  const { height } = block.header;
  const isOnChain = node.queries.ancestorAt(tip, height) === block;
  const confirmations = isOnChain ? tip.header.height - height + 1 : null;
  const tail = Buffer.from(`,"confirmations":${confirmations}}`);
  const body = Buffer.concat([json.subarray(0, -1), tail]);
  return { kind: "bytes", body, etag: `W/"${block.hash.slice(32)}-${confirmations}"` };
}

export const chainRoutes = [chainRoute, blocksRoute, headersRoute, blockRoute];
