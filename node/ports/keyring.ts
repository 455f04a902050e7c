import type { Signer } from "./crypto.ts";

/** Keys that a node holds for people who have none: each name has one of its own from its first use on. */
export interface Keyring {
  /** Synchronous after the start. An error where there is no room for another name, in words. */
  signerOf(name: string): Signer | { readonly error: string };
}
