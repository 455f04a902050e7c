/** Whether a node is in sync, and if not, why. */
export interface Readiness {
  /** Empty: it is. */
  readonly reasons: readonly UnreadyReason[];
  readonly height: number;
  /** Since the time that the tip's header states, by this node's clock; below 0 where the miner's is ahead. */
  readonly tipAgeSec: number;
  readonly peers: { readonly count: number; readonly up: number };
}

/**
 * `catching-up`: a better chain is known, two or more blocks ahead of the tip. `no-peers`: peers are known and none is linked.
 * `indexing`: blocks are still looked through after a start.
 */
export interface UnreadyReason {
  readonly code: "catching-up" | "no-peers" | "indexing";
  readonly text: string;
}
