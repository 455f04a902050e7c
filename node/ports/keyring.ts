import type { Hex } from "../core/chain/types.ts";
import type { Signer } from "./crypto.ts";

/**
 * The keys with which a node signs for clients that hold none: one a name, random, made when the name is first asked for. Synchronous. A key is on
 * the disk before its signer is handed out, so a signature that left is never of a key that a kill has lost.
 *
 * Names are texts of 1 to 100 characters, each a name of its own: no case is folded and nothing is trimmed. A name of 64 lower-case hex digits is a
 * public key, and means the key itself: held (the node's own is) or not, never made.
 */
export interface Keyring {
  /** The signer of a name. A refusal certainly made no key. */
  signerOf(name: string): Signer | KeyringRefusal;
  /** The public key of a name; null if there is none yet. Makes nothing. */
  publicKeyOf(name: string): Hex | null;
}

/**
 * Why there is no signer: `bad-name` (empty, too long, or no Unicode), `not-held` (a public key whose secret is elsewhere), `keyring-full` (as many names as
 * this node keeps), `not-written` (the disk failed), `damaged-key` (what the disk holds is not that name's key any more).
 */
export interface KeyringRefusal {
  readonly code: "bad-name" | "not-held" | "keyring-full" | "not-written" | "damaged-key";
  /** In words for whoever sent the request; names no file. */
  readonly error: string;
}
