import type { Hex } from "../chain/types.ts";
import type { Violation } from "../rules/violation.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { ChainChange } from "../state/fork-choice.ts";
import type { Message } from "../state/messages.ts";
import type { Micros } from "../support/micros.ts";

/** A connection of a node, counted from 0; a number is used again when its link is gone. */
export type LinkIndex = number;

/**
 * What a node did to protect itself, beside refusing blocks. `headers-forgotten`: so many headers were let go, which nobody had bodies for.
 * `peer-passed-over`: another peer was asked for a body that this one let run out of time, or that a full window waited for; others are asked
 * first from now on, and there is one at least that can serve.
 */
export type Notice =
  | { readonly kind: "headers-forgotten"; readonly count: number }
  | { readonly kind: "peer-passed-over"; readonly link: LinkIndex };

/**
 * All that the protocol may do to the world, in the name of a view; one port serves all views of a tree, so that none has an object of its
 * own on the way out. The host stands behind it, live and simulated alike. No call comes back into the protocol before it
 * returns, and none fails: what cannot be done is told later, as an input.
 */
export interface NodePort {
  send(view: number, link: LinkIndex, message: Message): void;
  /** The same message to each link `firstLink + bit` whose bit is set, the lowest first: what telling everyone is made of. */
  sendToMany(view: number, firstLink: LinkIndex, linkBits: number, message: Message): void;
  /** Asks for one `wake` at this time; a new wish replaces the one before, and Infinity takes it back. */
  wakeAt(view: number, atUs: Micros): void;
  /** Ends a link whose peer broke the rules. */
  disconnect(view: number, link: LinkIndex, reason: Violation["code"]): void;
  /**
   * A valid block is connected to genesis; called before anyone is told of it, so that a host which stores it here never
   * announces what a crash could take back. `source: null` is this node itself.
   */
  blockHeld(view: number, block: BlockEntry, source: LinkIndex | null, nowUs: Micros): void;
  blockRefused(view: number, hash: Hex, violation: Violation, source: LinkIndex | null, nowUs: Micros): void;
  noticed(view: number, notice: Notice, nowUs: Micros): void;
  tipChanged(view: number, tip: BlockEntry, previous: BlockEntry, change: ChainChange, nowUs: Micros): void;
}
