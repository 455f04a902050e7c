import type { UnderWayLimits } from "./under-way.ts";

/** How long a server is patient, and with how many. Times in ms. */
export interface ServerLimits extends UnderWayLimits {
  /** For the headers of a request to come in, the first byte included: a connection that says nothing goes as well. */
  readonly headersMs: number;
  /** For a whole request to come in. */
  readonly requestMs: number;
  /** How often the two above, and what waits for readers, are looked at: a request may take so much longer. */
  readonly checkMs: number;
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number;
  /** How long nothing may pass in either direction, whatever is under way: a reader that does not read, a peer that is gone. */
  readonly idleMs: number;
  /** After how long of silence the system asks the other end whether it is there; ten questions, a second apart. */
  readonly probeAfterMs: number;
  readonly connectionsMax: number;
  /** Requests over one connection; then it is ended, and a client opens another. */
  readonly requestsPerSocketMax: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  checkMs: 2_000,
  // Longer than peers keep theirs, so that none posts into one that closes.
  keepAliveMs: 65_000,
  // Longer than a block may take that POST /mine asks for.
  idleMs: 90_000,
  probeAfterMs: 30_000,
  // Two from each of 128 peers, and as many again for readers and users.
  connectionsMax: 512,
  // An hour of a load of some hundred a second.
  requestsPerSocketMax: 1_000_000,
  // No client in use writes a request before it has the last answer; those that come a moment early are borne.
  requestsUnderWayMax: 4,
  // Twice what all readers of events may have waiting.
  unreadBytesMax: 128 * 1024 * 1024,
};
