import type { Hex } from "../core/chain/types.ts";

/**
 * Hashing and signatures. Synchronous; neither throws on any input of the stated shape.
 * `verify` is strict Ed25519 (RFC 8032): a malformed key or signature is `false`, not an error.
 */
export interface Crypto {
  sha256(bytes: Uint8Array): Hex;
  verify(publicKey: Hex, message: Uint8Array, signature: Hex): boolean;
}

/** `Crypto.verify` on another thread: calls back once, not before it returns, and in any order. */
export type VerifyLater = (
  publicKey: Hex,
  message: Uint8Array,
  signature: Hex,
  done: (isValid: boolean) => void,
) => void;

/** A key pair that signs; made by the adapter, from a seed or at random. */
export interface Signer {
  readonly publicKey: Hex;
  sign(message: Uint8Array): Hex;
}
