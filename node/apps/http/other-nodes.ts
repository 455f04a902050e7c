import { BlockList } from "node:net";
import type { Exchange } from "../../adapters/http/exchange.ts";
import type { NodeContext } from "../../adapters/http/node-context.ts";
import { type Refusal, refusal } from "../../adapters/http/reply.ts";
import { toWholeMs } from "../../core/support/micros.ts";
import { peerOrigin } from "../../schemas/decode.ts";
import { isIn } from "../../schemas/network.ts";

/** Characters of an address: a host name of 253, a scheme, a port and a prefix. */
const ADDRESS_LENGTH_MAX = 300;

/** What clients write behind the address of a node. */
const PREFIX = /\/(?:board|coin|bets)?\/*$/;

/** Who calls from here is an operator of this machine, unless a page of another origin calls in its browser. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** The origin of a node, with or without a scheme, a prefix and a slash at the end; null if it is no address. */
export function originOf(address: unknown): string | null {
  if (typeof address !== "string" || address === "" || address.length > ADDRESS_LENGTH_MAX) return null;
  const whole = address.includes("://") ? address : `http://${address}`;
  return peerOrigin(
    whole.replace(
      /^(\w+:\/\/[^/]+)(\/.*)$/,
      (_all, host: string, path: string) => host + path.replace(PREFIX, ""),
    ),
  );
}

export type AddedNode =
  | {
      readonly origin: string;
      readonly isUp: boolean;
      readonly lastFailure: string | null;
      /** As in `PeerView`. */
      readonly lastStatus: number | null;
      readonly refused: null;
    }
  | { readonly origin: null; readonly refused: Refusal };

/** Links with a node that a client names, within what this client may have called. A node that is this one itself is taken note of and not listed. */
export async function addNode(node: NodeContext, exchange: Exchange, address: unknown): Promise<AddedNode> {
  const origin = originOf(address);
  if (origin === null)
    return { origin, refused: refusal("bad-request", "an address such as http://127.0.0.1:4001 expected") };
  const caller = exchange.remoteAddress;
  const isOperator = isIn(LOOPBACK, caller) && !isForeignPage(exchange);
  const outcome = await node.peers.add(origin, isOperator ? null : caller);
  if (outcome.added) {
    const { up, lastFailure, lastStatus } = outcome.peer;
    return { origin, isUp: up, lastFailure, lastStatus, refused: null };
  }
  if (outcome.code === "self")
    return { origin, isUp: true, lastFailure: null, lastStatus: null, refused: null };
  return { origin: null, refused: refusal(outcome.code, outcome.reason) };
}

/** The other nodes that this one is linked with or tries to reach, as origins; who broke a rule a moment ago is recommended to nobody. */
export function otherNodes({ peers, ownUrl, nowUs }: NodeContext): readonly string[] {
  const own = ownUrl();
  const nowMs = toWholeMs(nowUs());
  const banned = new Set(
    peers
      .bans()
      .filter(({ untilMs }) => untilMs > nowMs)
      .map(({ url }) => url),
  );
  return peers
    .list()
    .filter(({ up, url }) => url !== own && (up || !banned.has(url)))
    .map(({ url }) => url);
}

function isForeignPage(exchange: Exchange): boolean {
  const origin = exchange.header("origin");
  return origin !== "" && (!URL.canParse(origin) || new URL(origin).host !== exchange.header("host"));
}
