import type { Signer } from "../../ports/crypto.ts";
import type { Keyring } from "../../ports/keyring.ts";

/** Names with a key, some 4 kB each. */
export const NAME_COUNT_MAX = 10_000;

/** Keys that are lost with the process: for tests, and for nodes that nobody gave a place to keep them. */
export class MemoryKeyring implements Keyring {
  readonly #signers = new Map<string, Signer>();
  readonly #newSigner: () => Signer;

  constructor(newSigner: () => Signer) {
    this.#newSigner = newSigner;
  }

  signerOf(name: string): Signer | { readonly error: string } {
    const known = this.#signers.get(name);
    if (known !== undefined) return known;
    if (this.#signers.size >= NAME_COUNT_MAX)
      return { error: `${NAME_COUNT_MAX} names have a key here already` };
    const made = this.#newSigner();
    this.#signers.set(name, made);
    return made;
  }
}
