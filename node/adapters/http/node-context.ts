import type { Micros } from "../../core/support/micros.ts";
import type { Host } from "../../host/host.ts";
import type { EventFeed } from "../../ports/event-feed.ts";
import type { MiningControl } from "../../ports/mining-control.ts";
import type { NodeDirectory } from "../../ports/node-directory.ts";
import type { PeerDirectory, PeerInbox } from "../../ports/peer-directory.ts";
import type { Network } from "../../schemas/network.ts";

/** What the HTTP server serves: a node, seen through its ports. */
export interface NodeContext {
  readonly host: Host;
  readonly peers: PeerDirectory;
  readonly inbox: PeerInbox;
  readonly directory: NodeDirectory;
  readonly feed: EventFeed;
  readonly mining: MiningControl;
  readonly metrics: HttpMetrics;
  readonly nowUs: () => Micros;
  /** The JSON of `GET /status`. */
  readonly status: () => Readonly<Record<string, unknown>>;
  /** Null: nobody may control this node. */
  readonly controlToken: string | null;
  /** From where it may be, with the token. */
  readonly controlFrom: readonly Network[];
  readonly shutdown: () => void;
  /** A mistake of ours surfaced in a handler: the node must not go on. */
  readonly fatal: (error: unknown) => void;
}

export interface HttpMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** `route` is a pattern and `method` one of few: whoever makes up requests makes up no time series. */
  served(route: string, method: string, status: number, seconds: number): void;
  /** A route that requests may come to. */
  routeAdded(route: string, method: string): void;
}
