import type { ReleaseReason } from "../core/discovery/link-keeper.ts";

/** The links of a node, for whoever chooses them. Addresses are origins, as `URL` writes them. */
export interface LinkControl {
  /** Those with which links are up, whoever opened them. */
  linkedUrls(): ReadonlySet<string>;
  /** Those of them whose peers were too slow too often since; none that an operator asked for. */
  slowUrls(): ReadonlySet<string>;
  /** Tries to link, a few times. */
  dial(url: string): void;
  /** Ends the link, and its trying, unless an operator asked for it; the peer is not let in again for a while. */
  release(url: string, reason: ReleaseReason): void;
}
