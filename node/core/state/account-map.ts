/**
 * Accounts get small numbers, shared by all ledgers of one chain, so that a ledger is a vector and not a hash map. An account
 * keeps its number for good; accounts are numbered when a valid block first touches them, so their count is bounded
 * by what miners put into blocks.
 */
export class AccountIndex {
  readonly #indexOf = new Map<string, number>();
  readonly #accounts: string[] = [];

  /** Undefined for an account that no ledger holds. */
  find(account: string): number | undefined {
    return this.#indexOf.get(account);
  }

  findOrAdd(account: string): number {
    const known = this.#indexOf.get(account);
    if (known !== undefined) return known;
    const index = this.#accounts.length;
    this.#accounts.push(account);
    this.#indexOf.set(account, index);
    return index;
  }

  /** By index: every account that was ever numbered. */
  get accounts(): readonly string[] {
    return this.#accounts;
  }
}

/** Children of a node: 2^4. */
const BITS = 4;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

type Leaf<T> = readonly (T | undefined)[];
type Branch<T> = readonly (Node<T> | undefined)[];
type Node<T> = Leaf<T> | Branch<T>;

/**
 * A persistent vector: `with` gives a new one and leaves the old one as it was, sharing all but the path to the changed entry.
 * Thousands of views stand at different blocks at once, and each has its whole ledger at hand for the price of one path
 * a block. Source: Bagwell (2001), as used by Clojure's vectors, with entries that may be missing.
 */
export class AccountMap<T> {
  readonly #root: Node<T>;
  /** Levels of branches above the leaves. */
  readonly #height: number;

  private constructor(root: Node<T>, height: number) {
    this.#root = root;
    this.#height = height;
  }

  static empty<T>(): AccountMap<T> {
    return new AccountMap<T>([], 0);
  }

  /** Undefined where nothing was ever set. */
  get(index: number): T | undefined {
    if (index >>> (BITS * (this.#height + 1)) !== 0) return undefined;
    let node: Node<T> | undefined = this.#root;
    for (let level = this.#height; level > 0; level -= 1) {
      if (node === undefined) return undefined;
      node = (node as Branch<T>)[(index >>> (level * BITS)) & MASK];
    }
    return (node as Leaf<T> | undefined)?.[index & MASK];
  }

  /** This map with `value` at `index`; undefined takes the entry away. */
  with(index: number, value: T | undefined): AccountMap<T> {
    let root = this.#root;
    let height = this.#height;
    for (; index >>> (BITS * (height + 1)) !== 0; height += 1) root = [root];
    return new AccountMap<T>(withEntry(root, height, index, value), height);
  }
}

function withEntry<T>(
  node: Node<T> | undefined,
  level: number,
  index: number,
  value: T | undefined,
): Node<T> {
  const slot = (index >>> (level * BITS)) & MASK;
  const copy = node === undefined ? [] : node.slice();
  // Filled up to the slot, so that the engine keeps a plain array: holes would make it slower to read and to copy.
  while (copy.length < slot) copy.push(undefined);
  if (level === 0) (copy as (T | undefined)[])[slot] = value;
  else
    (copy as (Node<T> | undefined)[])[slot] = withEntry(
      (node as Branch<T> | undefined)?.[slot],
      level - 1,
      index,
      value,
    );
  return copy;
}
