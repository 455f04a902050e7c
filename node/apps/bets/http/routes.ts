import * as z from "zod";
import type { Exchange } from "../../../adapters/http/exchange.ts";
import type { NodeContext } from "../../../adapters/http/node-context.ts";
import { type Reply, refusal, text } from "../../../adapters/http/reply.ts";
import { route } from "../../../adapters/http/route.ts";
import { toUnits, unitOf } from "../../http/coins.ts";
import { Consensus } from "../../http/consensus.ts";
import { mineNow } from "../../http/mine-now.ts";
import { offeredBytesMax, takeOffered } from "../../http/offered-block.ts";
import { addNode, originOf, otherNodes } from "../../http/other-nodes.ts";
import { pendingOf } from "../../http/pending.ts";
import { perNode } from "../../http/per-node.ts";
import { submitFor } from "../../http/submit-for.ts";
import { tellPeers } from "../../http/tell-peers.ts";
import { WholeChain } from "../../http/whole-chain.ts";
import { matchLabel, playerLabel } from "../labels.ts";
import { decodeBetsPayload } from "../payload.ts";
import { BETS } from "../rules.ts";
import { FoundBets } from "./found-bets.ts";
import { betBody, betShape, blockchainShape, openBody, resultBody } from "./shapes.ts";
import { betsView, betView } from "./views.ts";

const TEXT_TYPES = ["text/plain; charset=utf-8"];

/** Nodes that one request names. */
const NODES_MAX = 128;

const chainOf = perNode((node) => new WholeChain(node, betsView(unitOf(node)).render));
const consensusOf = perNode((node) => new Consensus(node));
const foundOf = perNode((node) => new FoundBets(node));

const textRoute = {
  section: "bets" as const,
  bodyKind: "any-json" as const,
  isCrossOrigin: true,
  answer: null,
  types: TEXT_TYPES,
};
const signErrors = [
  "bad-request",
  "app-refused",
  "mempool-full",
  "over-free-relay",
  "sequence-too-far",
  "keyring-full",
] as const;

/** Signs what somebody says about a match, and says so; where they are to know it at once, when the peers have it. */
async function submit(
  node: NodeContext,
  name: string,
  payload: object,
  words: string,
  isTold = false,
): Promise<Reply<never>> {
  const { fault } = decodeBetsPayload(JSON.stringify(payload));
  if (fault !== null) return refusal("bad-request", fault);
  const { refused } = submitFor(node, name, BETS.name, payload);
  if (refused !== null) return refused;
  if (isTold) await tellPeers(node);
  return text(words);
}

const chainRoute = route({
  method: "GET",
  path: "/bets/blockchain",
  section: "bets",
  text: "The whole chain as the clients of the bets see it, the bets that wait, the addresses of the other nodes and of this one. Times in whole seconds. `canonical` is the whole block, for whoever offers it to another node.",
  isBusy: true,
  answer: blockchainShape,
  errors: ["damaged-block", "too-many-readers"],
  handle: ({ exchange }, node: NodeContext) => {
    const pending = pendingOf(node, BETS.name).map((facts) => betView(facts, unitOf(node)));
    const closing = {
      pending_bets: pending.filter((bet) => bet !== null),
      network_nodes: otherNodes(node),
      current_node_url: node.ownUrl(),
    };
    return chainOf(node).reply(
      exchange,
      () => '{"chain":[',
      () => `],${JSON.stringify(closing).slice(1)}`,
    );
  },
});

function betRoute(path: string, sentence: string, isTold: boolean) {
  return route({
    ...textRoute,
    method: "POST",
    path,
    text: sentence,
    body: betBody,
    errors: signErrors,
    handle: ({ body }, node: NodeContext) => {
      const { playername: player, matchid: matchId, teamonescore, teamtwoscore, amount } = body;
      const units = amount === undefined ? undefined : toUnits(amount, unitOf(node));
      if (units === null)
        return refusal(
          "bad-request",
          `amount: more than 0, in whole units of 1/${unitOf(node)} coin expected`,
        );
      const stake = units === undefined ? {} : { amount: units.toString() };
      const payload = { type: "bet", player, matchId, scores: [teamonescore, teamtwoscore], ...stake };
      return submit(node, player, payload, "Bet created and broadcast successfully.", isTold);
    },
  });
}

const betText =
  "{playername, matchid, teamonescore, teamtwoscore, amount}: signs a bet with the player's key in this node's keyring. Scores are numbers or their digits. With an `amount` of coins, which may be left out, they go to the pot of a match that was opened";

const openRoute = route({
  ...textRoute,
  method: "POST",
  path: "/bets/open",
  text: "{openername, matchid}: from now on coins can be staked on the match, and its result is this name's to publish.",
  body: openBody,
  errors: signErrors,
  handle: ({ body }, node: NodeContext) =>
    submit(node, body.openername, { type: "open", matchId: body.matchid }, "Match opened successfully."),
});

const resultRoute = route({
  ...textRoute,
  method: "POST",
  path: "/bets/result",
  text: "{openername, matchid, teamonescore, teamtwoscore}: publishes the result of a match that this name opened, and pays its pot out. Scores of null: it did not come about.",
  body: resultBody,
  errors: signErrors,
  handle: ({ body }, node: NodeContext) => {
    const { teamonescore: one, teamtwoscore: two } = body;
    const scores = one === null && two === null ? null : [one, two];
    const payload = { type: "result", matchId: body.matchid, scores };
    return submit(node, body.openername, payload, "Result published successfully.");
  },
});

const mineRoute = route({
  method: "GET",
  path: "/bets/mine",
  section: "bets",
  text: "Mines one block of what waits, and answers when it is there. All nodes hear of it.",
  answer: null,
  types: TEXT_TYPES,
  errors: ["mining-not-on-demand", "mining-took-too-long"],
  handle: async (_asked, node: NodeContext) => {
    const { refused } = await mineNow(node, ({ header }) => header.miner === node.host.minerAccount);
    return refused ?? text("New block mined and broadcast successfully.");
  },
});

const receiveRoute = route({
  ...textRoute,
  method: "POST",
  path: "/bets/receive-new-block",
  text: "{new_block}: a block as `GET /bets/blockchain` of another node shows it. `New block received and accepted.` if it is valid and makes the best chain, or is on it already; else `New block rejected.` Without `canonical` it is asked of peers by its hash.",
  body: z.object({ new_block: z.unknown() }),
  bodyBytesMax: offeredBytesMax,
  handle: async ({ body }, node: NodeContext) => {
    const reason = await takeOffered(node, body.new_block, betsView(unitOf(node)));
    return text(reason === null ? "New block received and accepted." : "New block rejected.");
  },
});

const newNode = z.object({ newnodeurl: z.string() });
const nodeErrors = ["bad-request", "too-many-peers", "address-not-allowed"] as const;

const registerRoute = route({
  ...textRoute,
  method: "POST",
  path: "/bets/register-node",
  text: "{newnodeurl}: links with the node there. What a caller may have this node call: see `POST /peers`.",
  body: newNode,
  errors: nodeErrors,
  handle: async ({ body, exchange }, node: NodeContext) =>
    (await addNode(node, exchange, body.newnodeurl)).refused ?? text("New node registered successfully."),
});

const bulkRoute = route({
  ...textRoute,
  method: "POST",
  path: "/bets/register-nodes-bulk",
  text: "{all_network_nodes}: links with many nodes.",
  body: z.object({ all_network_nodes: z.array(z.string()).max(NODES_MAX) }),
  errors: nodeErrors,
  handle: async ({ body, exchange }, node: NodeContext) =>
    (await addAll(node, exchange, body.all_network_nodes)) ?? text("Bulk registration successful."),
});

/** Null, or why one of them was refused; the others are added all the same. */
async function addAll(node: NodeContext, exchange: Exchange, addresses: readonly string[]) {
  if (addresses.some((address) => originOf(address) === null))
    return refusal("bad-request", "all_network_nodes: addresses such as http://127.0.0.1:4001 expected");
  const added = await Promise.all(addresses.map((address) => addNode(node, exchange, address)));
  return added.map(({ refused }) => refused).find((refused) => refused !== null) ?? null;
}

const broadcastRoute = route({
  ...textRoute,
  method: "POST",
  path: "/bets/register-and-broadcast-node",
  text: "{newnodeurl}: links with the node there, tells all other nodes of it, and it of them.",
  body: newNode,
  errors: nodeErrors,
  handle: async ({ body, exchange }, node: NodeContext) => {
    const { origin, refused } = await addNode(node, exchange, body.newnodeurl);
    if (refused !== null) return refused;
    const own = node.ownUrl();
    const others = otherNodes(node).filter((url) => url !== origin);
    const told = others.map((url) => node.peers.tell(url, "/bets/register-node", { newnodeurl: origin }));
    const all = { all_network_nodes: [...others.slice(0, NODES_MAX - 1), own] };
    if (origin !== own) told.push(node.peers.tell(origin, "/bets/register-nodes-bulk", all));
    await Promise.all(told);
    return text("New node registered successfully successfully.");
  },
});

const consensusRoute = route({
  method: "GET",
  path: "/bets/consensus",
  section: "bets",
  text: "Makes sure that this node's chain is the best that its peers have. `This chain has been replaced.`: since it was asked last, blocks of others came into it; else `Current chain has not been replaced.`",
  answer: null,
  types: TEXT_TYPES,
  handle: async (_asked, node: NodeContext) =>
    text(
      (await consensusOf(node).resolve())
        ? "This chain has been replaced."
        : "Current chain has not been replaced.",
    ),
});

const playerRoute = route({
  method: "GET",
  path: "/bets/player/:name",
  section: "bets",
  isBusy: true,
  text: "The bets of a player, the name in any case, that are in blocks: the oldest first.",
  params: z.object({ name: z.string() }),
  answer: z.array(betShape),
  errors: ["index-behind", "damaged-block"],
  handle: ({ params }, node: NodeContext) => foundOf(node).reply(playerLabel(params.name)),
});

const matchRoute = route({
  method: "GET",
  path: "/bets/match/:id",
  section: "bets",
  isBusy: true,
  text: "The bets on a match that are in blocks: the oldest first.",
  params: z.object({ id: z.string() }),
  answer: z.array(betShape),
  errors: ["index-behind", "damaged-block"],
  handle: ({ params }, node: NodeContext) => foundOf(node).reply(matchLabel(params.id)),
});

export const betsRoutes = [
  chainRoute,
  betRoute("/bets/bet", `${betText}. The network hears of it within moments.`, false),
  betRoute("/bets/bet/broadcast", `${betText}. The answer comes when the peers have it.`, true),
  openRoute,
  resultRoute,
  mineRoute,
  receiveRoute,
  broadcastRoute,
  registerRoute,
  bulkRoute,
  consensusRoute,
  playerRoute,
  matchRoute,
];
