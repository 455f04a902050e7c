import { randomBytes } from "node:crypto";
import { isHex } from "../../core/chain/hex.ts";
import type { Hex } from "../../core/chain/types.ts";
import type { Signer } from "../../ports/crypto.ts";
import type { Keyring, KeyringRefusal } from "../../ports/keyring.ts";
import type { KeyFile } from "./key-file.ts";
import { SecretError } from "./secret-error.ts";

/** Characters of a name. Those of a coin, a post and a bet are bounded to the same, so that no name that they allow is refused here. */
export const NAME_LENGTH_MAX = 100;

/** The name of the node's own key, which no client can ask for: names have a character at least. */
export const OWN_NAME = "";

export interface KeyringOptions {
  /** Names that keys are kept for; 0 keeps none. */
  readonly nameCountMax: number;
  /** Of the node itself: it may be kept elsewhere. */
  readonly own: Signer;
  /** Told of each new key, when the disk has it. */
  readonly onMade: () => void;
  /** Told of each key that the disk did not take, or did not give back. */
  readonly onFailure: (error: SecretError) => void;
}

/** The keyring in a file. See the port for what it promises. */
export class FileKeyring implements Keyring {
  readonly #file: KeyFile;
  readonly #options: KeyringOptions;
  /** Those that were asked for; 4 kB each. */
  readonly #signers = new Map<string, Signer>();
  readonly #nameByKey = new Map<Hex, string>();

  /** The file must be unlocked. */
  constructor(file: KeyFile, options: KeyringOptions) {
    this.#file = file;
    this.#options = options;
    for (const { name, publicKey } of file.keys()) this.#nameByKey.set(publicKey, name);
  }

  signerOf(name: string): Signer | KeyringRefusal {
    const known = this.#signers.get(name);
    if (known !== undefined) return known;
    if (isHex(name, 32)) return this.#holderOf(name);
    const fault = nameFault(name);
    if (fault !== null) return { code: "bad-name", error: fault };
    try {
      const signer = this.#file.signerOf(name) ?? this.#make(name);
      if (!("error" in signer)) this.#signers.set(name, signer);
      return signer;
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      this.#options.onFailure(error);
      return this.#file.publicKeyOf(name) === null
        ? { code: "not-written", error: "this node could not write a new key to its disk" }
        : { code: "damaged-key", error: "what this node kept as the key of this name is damaged" };
    }
  }

  publicKeyOf(name: string): Hex | null {
    if (isHex(name, 32)) return this.#holds(name) ? name : null;
    return name === OWN_NAME ? null : this.#file.publicKeyOf(name);
  }

  #make(name: string): Signer | KeyringRefusal {
    const { nameCountMax } = this.#options;
    const ownCount = this.#file.publicKeyOf(OWN_NAME) === null ? 0 : 1;
    if (this.#file.count - ownCount >= nameCountMax)
      return {
        code: "keyring-full",
        error:
          nameCountMax === 0
            ? "this node signs for nobody: sign the transaction yourself and post it to /transactions"
            : `this node keeps keys for ${nameCountMax} names and takes no new one: sign the transaction yourself and post it to /transactions`,
      };
    const signer = this.#file.add(name, randomBytes(32));
    this.#nameByKey.set(signer.publicKey, name);
    this.#options.onMade();
    return signer;
  }

  #holds(publicKey: Hex): boolean {
    return publicKey === this.#options.own.publicKey || this.#nameByKey.has(publicKey);
  }

  #holderOf(publicKey: Hex): Signer | KeyringRefusal {
    const { own } = this.#options;
    if (publicKey === own.publicKey) return own;
    const name = this.#nameByKey.get(publicKey);
    if (name !== undefined) return this.signerOf(name);
    return { code: "not-held", error: "this node does not hold the secret of this public key" };
  }
}

/** What is wrong with a name, in words; null if nothing. */
export function nameFault(name: string): string | null {
  // A lone surrogate has no UTF-8, so no transaction could carry the name.
  if (!name.isWellFormed()) return "a name is well-formed Unicode";
  const length = [...name].length;
  if (length === 0 || length > NAME_LENGTH_MAX)
    return `a name has 1 to ${NAME_LENGTH_MAX} characters, not ${length}`;
  return null;
}
