import { BlockList } from "node:net";
import * as z from "zod";
import type { PeerDirectory } from "../../../ports/peer-directory.ts";
import { peerUrl } from "../../../schemas/decode.ts";
import { helloSchema } from "../../../schemas/hello-schema.ts";
import { isIn } from "../../../schemas/network.ts";
import { takeMessages } from "../message-door.ts";
import type { NodeContext } from "../node-context.ts";
import { refusal, TAKEN, value } from "../reply.ts";
import { route } from "../route.ts";
import { peerShape, peersShape } from "../shapes/node-shapes.ts";

/** Who calls from here is an operator of this machine. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

const listRoute = route({
  method: "GET",
  path: "/peers",
  section: "peers",
  text: "{peers: [{name, url, up, link, tip {hash, height}, sentMessages, sentBytes, passedOver, lastFailure, lastStatus}], bans, releases}. `name` is null until the peer said it, `link` while it is down. `tip` is what the peer last told beside the simulated links, two seconds ago at most, so that it is known across a cut; null until then. `passedOver` are bodies of which another was asked because this peer was late; `lastStatus` is that of the answer with which it refused the last try. `bans`: [{name, url, code, reason, bannedAtMs, untilMs, count}] of peers that broke a rule, `releases`: [{name, url, code, reason, releasedAtMs, untilMs}] of those that did not, for instance `slow`; both hold what is over as well.",
  answer: peersShape,
  handle: (_asked, { peers }: NodeContext) => value(peersOf(peers)),
});

const addRoute = route({
  method: "POST",
  path: "/peers",
  section: "peers",
  text: "{url}: tries the address, and goes on trying; answers after the first try with the peer as above. Asking twice is asking once.",
  body: z.strictObject({ url: peerUrl() }),
  answer: peerShape,
  errors: ["self", "too-many-peers", "address-not-allowed"],
  handle: async ({ body, exchange }, { peers }: NodeContext) => {
    const caller = exchange.remoteAddress;
    const outcome = await peers.add(body.url, isIn(LOOPBACK, caller) ? null : caller);
    return outcome.added ? value(outcome.peer) : refusal(outcome.code, outcome.reason);
  },
});

const removeRoute = route({
  method: "DELETE",
  path: "/peers",
  section: "peers",
  access: "control",
  text: "Ends the link with the peer at `url`, stops trying the address, and refuses the peer for ten seconds, so that it turns to others; answers the peers that are left. With the token of the control routes, since it can cut a node off.",
  query: z.strictObject({ url: peerUrl() }),
  answer: peersShape,
  errors: ["unknown-peer"],
  handle: ({ query }, { peers }: NodeContext) =>
    peers.remove(query.url) ? value(peersOf(peers)) : refusal("unknown-peer"),
});

const helloRoute = route({
  method: "POST",
  path: "/p2p/hello",
  section: "peers",
  access: "peer",
  text: "Between nodes: {version, name, url, genesis, chain {name, seal}, instance, session}; answered with the same of the other end. A node of another chain is refused with `different-chain` and both hashes.",
  body: helloSchema,
  answer: helloSchema,
  errors: [
    "different-chain",
    "different-version",
    "self",
    "name-taken",
    "banned",
    "too-many-peers",
    "address-not-allowed",
  ],
  handle: ({ body, exchange }, { inbox }: NodeContext) => {
    const outcome = inbox.hello(body, exchange.remoteAddress);
    return outcome.ok
      ? value(outcome.answer as never)
      : refusal(outcome.code, outcome.reason, outcome.details);
  },
});

const messagesRoute = route({
  method: "POST",
  path: "/p2p/messages",
  section: "peers",
  access: "peer",
  text: "Between nodes: a batch of frames, with the session in `x-forklab-session`; 204. An empty batch shows that the link is there.",
  bodyKind: "bytes",
  status: 204,
  answer: null,
  errors: ["unknown-session", "bad-message"],
  handle: ({ exchange }, node: NodeContext) => {
    // Only what the door has left comes here.
    takeMessages(exchange.request, exchange.response, node).catch(node.fatal);
    return TAKEN;
  },
});

function peersOf(peers: PeerDirectory) {
  return { peers: peers.list(), bans: peers.bans(), releases: peers.releases() };
}

export const peerRoutes = [listRoute, addRoute, removeRoute, helloRoute, messagesRoute];
