import type * as z from "zod";
import type { Micros } from "../../core/support/micros.ts";
import type { Host } from "../../host/host.ts";
import type { ChainQueries } from "../../ports/chain-queries.ts";
import type { Signer, VerifyLater } from "../../ports/crypto.ts";
import type { EventFeed } from "../../ports/event-feed.ts";
import type { Keyring } from "../../ports/keyring.ts";
import type { MiningControl } from "../../ports/mining-control.ts";
import type { NodeDirectory } from "../../ports/node-directory.ts";
import type { PeerDirectory, PeerInbox } from "../../ports/peer-directory.ts";
import type { Readiness } from "../../ports/readiness.ts";
import type { Network } from "../../schemas/network.ts";
import type { ChainPages } from "./chain-pages.ts";
import type { EncodedBlocks } from "./encoded-blocks.ts";
import type { Route } from "./route.ts";
import type { statusShape } from "./shapes/node-shapes.ts";

/** What the HTTP server serves: a node, seen through its ports. */
export interface ServedNode {
  readonly host: Host;
  /** Every route that is served. */
  readonly routes: readonly Route<NodeContext>[];
  /** Paths below which pages of any origin may ask: as `/bets`. */
  readonly crossOrigin: readonly string[];
  /** Where peers reach this node. */
  readonly ownUrl: () => string;
  /** Of this node's own account, the miner's. */
  readonly signer: Signer;
  readonly verifyLater: VerifyLater;
  readonly queries: ChainQueries;
  readonly peers: PeerDirectory;
  readonly inbox: PeerInbox;
  readonly directory: NodeDirectory;
  readonly feed: EventFeed;
  readonly mining: MiningControl;
  /** Signs for clients that hold no key of their own. */
  readonly keyring: Keyring;
  readonly metrics: HttpMetrics;
  readonly nowUs: () => Micros;
  readonly status: () => Omit<z.input<typeof statusShape>, "notReady">;
  readonly readiness: () => Readiness;
  /** Null: nobody may control this node. */
  readonly controlToken: string | null;
  /** From where it may be, with the token; who asks from there is not counted. */
  readonly controlFrom: readonly Network[];
  /** Requests a second that one client may make; 0: any number. */
  readonly clientRatePerSec: number;
  readonly shutdown: () => void;
  /** A mistake of ours surfaced in a handler: the node must not go on. */
  readonly fatal: (error: unknown) => void;
}

/** The same with what the server keeps for its routes. */
export interface NodeContext extends ServedNode {
  /** Of the header with which a batch of a peer's is answered. */
  readonly tipText: () => string;
  readonly encoded: EncodedBlocks;
  readonly pages: ChainPages;
  /** Readers of the whole chain, at this moment. */
  readonly streams: { count: number };
  /** What ends each reader of events. */
  readonly readers: Set<() => void>;
}

export interface HttpMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** `route` is a pattern and `method` one of few: whoever makes up requests makes up no time series. */
  served(route: string, method: string, status: number, seconds: number): void;
  /** A route that requests may come to. */
  routeAdded(route: string, method: string): void;
}
