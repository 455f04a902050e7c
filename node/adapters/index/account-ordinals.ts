import type { Hex } from "../../core/chain/types.ts";

/** Which transactions concern an account, by their numbers in the order of the chain. It grows and shrinks at the end, and is let go of at the front. */
export class AccountOrdinals {
  readonly #byAccount = new Map<Hex, number[]>();

  /** Ascending. */
  of(account: Hex): readonly number[] {
    return this.#byAccount.get(account) ?? [];
  }

  push(account: Hex, ordinal: number): void {
    const ordinals = this.#byAccount.get(account);
    if (ordinals === undefined) this.#byAccount.set(account, [ordinal]);
    // A transfer to oneself concerns one account once.
    else if (ordinals.at(-1) !== ordinal) ordinals.push(ordinal);
  }

  /** The newest are no more on the chain: from this number on. */
  cut(account: Hex, fromOrdinal: number): void {
    const ordinals = this.#byAccount.get(account) ?? [];
    while ((ordinals.at(-1) ?? -1) >= fromOrdinal) ordinals.pop();
    if (ordinals.length === 0) this.#byAccount.delete(account);
  }

  /** The oldest are let go: all below this number. */
  letGo(account: Hex, belowOrdinal: number): void {
    const ordinals = this.#byAccount.get(account) ?? [];
    let count = 0;
    while ((ordinals[count] ?? Number.POSITIVE_INFINITY) < belowOrdinal) count += 1;
    ordinals.splice(0, count);
    if (ordinals.length === 0) this.#byAccount.delete(account);
  }
}
