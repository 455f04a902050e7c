import { signerFromSeed } from "../../node/adapters/node-crypto.ts";
import type { Hex } from "../../node/core/chain/types.ts";
import { invariant } from "../../node/core/support/invariant.ts";
import type { Signer } from "../../node/ports/crypto.ts";
import type { PlannedAccount } from "../plan.ts";

/** Makes a signer from the text that a plan names it by. */
export type SignerFactory = (keySeed: string) => Signer;

/** The keys of a plan's accounts, by index. Made when first asked for, then kept: one takes about 0.1 ms. */
export class AccountKeys {
  readonly #accounts: readonly PlannedAccount[];
  readonly #factory: SignerFactory;
  readonly #signers: (Signer | undefined)[];

  constructor(accounts: readonly PlannedAccount[], factory: SignerFactory = signerFromSeed) {
    this.#accounts = accounts;
    this.#factory = factory;
    this.#signers = new Array(accounts.length);
  }

  signerOf(account: number): Signer {
    const planned = this.#accounts[account];
    invariant(planned !== undefined, `the plan has no account ${account}`);
    const signer = this.#signers[account] ?? this.#factory(planned.keySeed);
    this.#signers[account] = signer;
    return signer;
  }

  publicKeyOf(account: number): Hex {
    return this.signerOf(account).publicKey;
  }
}
