import type { ReleaseReason } from "../core/discovery/link-keeper.ts";
import type { TipView } from "../core/machine/tip-text.ts";
import type { LinkIndex } from "../core/sync/node-port.ts";
import type { LinkConditions, LinkConditionsPatch } from "../link/link-conditions.ts";

/** The peers of a live node, as an operator sees and changes them. */
export interface PeerDirectory {
  /** Every peer that is linked or that this node tries to reach; a name is null until the peer has said it. */
  list(): readonly PeerView[];
  /** Peers that broke a rule since the start of the process: those that are over as well, the newest last, a bounded number. */
  bans(): readonly BanView[];
  /** Peers whose links this node ended although they broke no rule: the same. */
  releases(): readonly ReleaseView[];
  /**
   * Tries to reach a peer, and goes on trying. Resolves after the first try; known addresses are tried no second time. `caller` is the address of
   * who asks; null: an operator of this machine, whose word is enough wherever the peer is.
   */
  add(url: string, caller: string | null): Promise<AddPeerOutcome>;
  /** Ends the link with the peer at this address and forgets the address; false if neither is known. */
  remove(url: string): boolean;
  /** Posts JSON to a node that is linked, or whose address is tried: whether it answered. Asks nobody else, whoever wants it to. */
  tell(url: string, path: string, value: unknown): Promise<boolean>;
  conditions(): LinkConditions;
  setConditions(patch: LinkConditionsPatch): void;
  /** Sends a probe over the shaped link and waits, `deadlineMs` at most, for what came of it. */
  probe(peerName: string, deadlineMs: number): Promise<ProbeOutcome>;
  /** Sends one or two messages over the shaped link with draws that the caller chooses, and tells when they came. */
  measure(peerName: string, request: LinkMeasure): Promise<LinkMeasured>;
}

export interface PeerView {
  readonly name: string | null;
  readonly url: string;
  readonly up: boolean;
  /** Null while the link is down. */
  readonly link: LinkIndex | null;
  /** Where the peer says that its chain ends, told with its last answer, past the shaped link; null while it is down or has not said. */
  readonly tip: TipView | null;
  /** Since the link came up: messages handed to it, and their bytes. */
  readonly sentMessages: number;
  readonly sentBytes: number;
  /** Since then: bodies of which another peer was asked because this one was late. */
  readonly passedOver: number;
  /** Why the last try or link ended; null if none has. */
  readonly lastFailure: string | null;
  /** The status of the answer with which the peer refused the last try; null if there was no answer, or it is up. */
  readonly lastStatus: number | null;
}

/** Nobody speaks with the peer of this name before `untilMs`. Times by this node's clock, since 1970. */
export interface BanView {
  readonly name: string;
  readonly url: string;
  /** Of the rule, as in `Violation`; `bad-bytes` for what was no message at all. */
  readonly code: string;
  /** The same in words. */
  readonly reason: string;
  readonly bannedAtMs: number;
  readonly untilMs: number;
  /** How often it was banned, this time included. */
  readonly count: number;
}

/** The peer of this name is not let in again before `untilMs`. Times as of a ban. */
export interface ReleaseView {
  readonly name: string;
  readonly url: string;
  /** `removed` by an operator; the others as in `ReleaseReason`. */
  readonly code: ReleaseReason | "removed";
  /** The same in words. */
  readonly reason: string;
  readonly releasedAtMs: number;
  readonly untilMs: number;
}

/** `added: false`: the address breaks a rule or the table is full, and it will not be tried. A peer that does not answer yet is added. */
export type AddPeerOutcome =
  | { readonly added: true; readonly peer: PeerView }
  | {
      readonly added: false;
      readonly code: "too-many-peers" | "self" | "address-not-allowed";
      readonly reason: string;
    };

/** `oneWayMs` by the wall clocks of both ends. `roundTripMs` is null when the answer did not come back over the peer's shaped link. */
export interface ProbeOutcome {
  readonly reached: boolean;
  readonly oneWayMs: number | null;
  readonly roundTripMs: number | null;
}

export interface LinkMeasure {
  /** Latency and loss are drawn as for a message with this key; 0 to 2^32 - 1. */
  readonly drawKey: number;
  /** Sends a second message right behind, as large as the uplink in force carries in this time; 0 is none. */
  readonly uplinkMs: number;
  /** How long to wait for a moment at which nothing under way holds the message up. */
  readonly waitMs: number;
  /** How long to wait then for it to come. */
  readonly deadlineMs: number;
}

/** Null is what did not come by the deadline, or was not asked. */
export interface LinkMeasured {
  /** False: the link was down, full, or never free. */
  readonly sent: boolean;
  /** Of the first message, by the wall clocks of both ends. */
  readonly oneWayMs: number | null;
  /** By how much later the second came, by the peer's clock alone, and the bytes that the uplink had to carry in between. */
  readonly spacingMs: number | null;
  readonly spacingBytes: number | null;
}

/** What other nodes say to this one, as the HTTP server hands it in. */
export interface PeerInbox {
  /** Bytes of one batch, at most. */
  readonly batchBytesMax: number;
  /** `caller` is the address from which it came. */
  hello(body: unknown, caller: string | null): HelloOutcome;
  /** A batch of this session begins to come in: whether it is worth reading. If so, `leave` must be called when all is done. */
  enter(session: string): BatchEntry;
  /** Messages of a peer, one after the other, in order. Resolves when all were taken in. */
  batch(session: string, bytes: Uint8Array): Promise<BatchOutcome>;
}

export type HelloOutcome =
  | { readonly ok: true; readonly answer: unknown }
  | {
      readonly ok: false;
      readonly code: HelloRefusal;
      readonly reason: string;
      readonly details?: Readonly<Record<string, unknown>>;
    };

export type HelloRefusal =
  | "bad-request"
  | "different-chain"
  | "different-version"
  | "self"
  | "name-taken"
  | "address-not-allowed"
  | "banned"
  | "too-many-peers";

export type BatchEntry = { readonly ok: true; readonly leave: () => void } | BatchRefusal;

export type BatchOutcome = { readonly ok: true } | BatchRefusal;

export interface BatchRefusal {
  readonly ok: false;
  readonly code: "unknown-session" | "too-many-batches" | "bad-message";
  readonly reason: string;
}
