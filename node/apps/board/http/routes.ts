import * as z from "zod";
import type { Exchange } from "../../../adapters/http/exchange.ts";
import type { NodeContext } from "../../../adapters/http/node-context.ts";
import { type Reply, refusal, text, value } from "../../../adapters/http/reply.ts";
import { route } from "../../../adapters/http/route.ts";
import { toWholeMs } from "../../../core/support/micros.ts";
import { holdsAny, mineNow } from "../../http/mine-now.ts";
import { offeredBytesMax, takeOffered } from "../../http/offered-block.ts";
import { addNode, otherNodes } from "../../http/other-nodes.ts";
import { pendingOf } from "../../http/pending.ts";
import { perNode } from "../../http/per-node.ts";
import { submitFor } from "../../http/submit-for.ts";
import { catchUp } from "../../http/wait-for.ts";
import { WholeChain } from "../../http/whole-chain.ts";
import { decodeBoardPost } from "../payload.ts";
import { BOARD } from "../rules.ts";
import { boardChainShape, postShape } from "./shapes.ts";
import { BOARD_VIEW, postView } from "./views.ts";

const TEXT_TYPES = ["text/plain; charset=utf-8"];
const chainOf = perNode((node) => new WholeChain(node, BOARD_VIEW.render));

function chainReply(node: NodeContext, exchange: Exchange): Promise<Reply<never>> {
  return chainOf(node).reply(
    exchange,
    (tip) => `{"length":${tip.header.height + 1},"chain":[`,
    () => `],"peers":${JSON.stringify(otherNodes(node))}}`,
  );
}

/** Missing, or what the original counts as such. */
function isMissing(body: unknown, field: string): boolean {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return false;
  const given = Object.entries(body).find(([name]) => name === field)?.[1];
  const isEmpty = typeof given === "object" && given !== null && Object.keys(given).length === 0;
  return given === undefined || given === null || given === "" || given === 0 || given === false || isEmpty;
}

const postRoute = route({
  method: "POST",
  path: "/board/new_transaction",
  section: "board",
  text: "{author, content}: signs a post with the author's key in this node's keyring, stamps the time, and puts it into the mempool.",
  body: z.object({ author: z.string(), content: z.string() }),
  bodyKind: "any-json",
  unfit: (body) =>
    isMissing(body, "author") || isMissing(body, "content") ? text("Invalid transaction data", 404) : null,
  status: 201,
  answer: null,
  types: TEXT_TYPES,
  others: { 404: "`Invalid transaction data`: author or content is missing or empty." },
  errors: ["bad-request", "mempool-full", "over-free-relay", "sequence-too-far", "keyring-full"],
  handle: ({ body: { author, content } }, node: NodeContext) => {
    if (author === "" || content === "") return text("Invalid transaction data", 404);
    const payload = { author, content, timestampMs: toWholeMs(node.nowUs()) };
    const { fault } = decodeBoardPost(JSON.stringify(payload));
    if (fault !== null) return refusal("bad-request", fault);
    return submitFor(node, author, BOARD.name, payload).refused ?? text("Success", 201);
  },
});

const chainRoute = route({
  method: "GET",
  path: "/board/chain",
  section: "board",
  text: "The whole chain as the board's clients see it, and the addresses of the other nodes. Times in seconds. `canonical` is the whole block, for whoever offers it to another node.",
  isBusy: true,
  answer: boardChainShape,
  errors: ["damaged-block", "too-many-readers"],
  handle: ({ exchange }, node: NodeContext) => chainReply(node, exchange),
});

const mineRoute = route({
  method: "GET",
  path: "/board/mine",
  section: "board",
  text: "Makes sure that this node's chain is the best that its peers have, mines one block of what waits, and answers when it is there: `Block #N is mined.`, or `No transactions to mine`.",
  answer: null,
  types: TEXT_TYPES,
  errors: ["mining-not-on-demand", "mining-took-too-long"],
  handle: async (_asked, node: NodeContext) => {
    const waiting = pendingOf(node, BOARD.name);
    if (waiting.length === 0) return text("No transactions to mine");
    const isWanted = holdsAny(new Set(waiting.map(({ id }) => id)));
    const isThere = () => pendingOf(node, BOARD.name).length === 0;
    const { block, refused } = await mineNow(node, isWanted, isThere);
    return refused ?? text(`Block #${block.header.height} is mined.`);
  },
});

const pendingRoute = route({
  method: "GET",
  path: "/board/pending_tx",
  section: "board",
  text: "Posts that are in no block yet, the oldest first.",
  answer: z.array(postShape),
  handle: (_asked, node: NodeContext) =>
    value(
      pendingOf(node, BOARD.name)
        .map(postView)
        .filter((post) => post !== null),
    ),
});

const nodeAddress = z.object({ node_address: z.string().min(1) });
const noAddress = (body: unknown) => (isMissing(body, "node_address") ? text("Invalid data", 400) : null);
const shared = {
  section: "board" as const,
  body: nodeAddress,
  bodyKind: "any-json" as const,
  unfit: noAddress,
  others: { 400: "`Invalid data`: the address is missing or empty." },
};

const registerRoute = route({
  ...shared,
  method: "POST",
  path: "/board/register_node",
  text: "{node_address}: links with the node there, and answers the chain as `GET /board/chain` does. What a caller may have this node call: see `POST /peers`.",
  answer: boardChainShape,
  errors: ["too-many-peers", "address-not-allowed", "damaged-block", "too-many-readers"],
  handle: async ({ body, exchange }, node: NodeContext) => {
    const { refused } = await addNode(node, exchange, body.node_address);
    return refused ?? (await chainReply(node, exchange));
  },
});

const registerWithRoute = route({
  ...shared,
  method: "POST",
  path: "/board/register_with",
  text: "{node_address}: links with the node there, which lists this one from then on, and answers when its chain is here.",
  others: {
    ...shared.others,
    409: "What the node there answers, with its status, if it refuses: as one of another chain does.",
  },
  answer: null,
  types: TEXT_TYPES,
  errors: ["too-many-peers", "address-not-allowed", "peer-unreachable"],
  handle: async ({ body, exchange }, node: NodeContext) => {
    const added = await addNode(node, exchange, body.node_address);
    if (added.refused !== null) return added.refused;
    const { isUp, lastFailure, lastStatus } = added;
    // The other node's answer, as far as it is one of a node: what else may stand there is nobody's business.
    if (!isUp && lastFailure !== null && isRefusal(lastStatus)) return text(lastFailure, lastStatus);
    if (!isUp) return refusal("peer-unreachable", lastFailure ?? undefined);
    await catchUp(node);
    return text("Registration successful");
  },
});

const addBlockRoute = route({
  method: "POST",
  path: "/board/add_block",
  section: "board",
  text: "A block as `GET /board/chain` of another node shows it: taken if it is valid and makes the best chain, or is on it already. Without `canonical` it is asked of peers by its hash.",
  body: z.looseObject({ hash: z.string() }),
  bodyKind: "any-json",
  bodyBytesMax: offeredBytesMax,
  unfit: () => text("The block was discarded by the node: no block", 400),
  status: 201,
  answer: null,
  types: TEXT_TYPES,
  others: { 400: "`The block was discarded by the node`, and why." },
  handle: async ({ body }, node: NodeContext) => {
    const reason = await takeOffered(node, body, BOARD_VIEW);
    if (reason === null) return text("Block added to the chain", 201);
    return text(`The block was discarded by the node: ${reason}`, 400);
  },
});

export const boardRoutes = [
  postRoute,
  chainRoute,
  mineRoute,
  pendingRoute,
  registerRoute,
  registerWithRoute,
  addBlockRoute,
];

/** Whether somebody answered, and said no; what is wrong at the other end is no answer of a node. */
function isRefusal(status: number | null): status is number {
  return status !== null && status >= 400 && status < 500;
}
