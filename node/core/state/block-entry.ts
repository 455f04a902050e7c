import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Header, Hex } from "../chain/types.ts";
import type { LedgerDelta } from "../rules/account-state.ts";
import type { Violation } from "../rules/violation.ts";
import type { BeliefColumn } from "./belief-columns.ts";
import type { ChainChange } from "./fork-choice.ts";
import type { Ledger } from "./ledger.ts";
import { type BlockMessage, type CompactMessage, makeBlockMessage } from "./messages.ts";

/**
 * One block of the tree: its facts, which are the same for everyone and computed once, and beside them the column of
 * what each view believes of it. Only `BlockTree` makes and changes entries; all others read.
 */
export class BlockEntry {
  /** Position in the order in which the tree came to know blocks, no two alike; genesis is 0. */
  readonly index: number;
  readonly hash: Hex;
  readonly header: Header;
  /** Canonical bytes of the whole block; of the header alone while the body is missing. */
  sizeBytes: number;
  /** Null for genesis, and for an unlinked entry: one whose parent the tree does not know yet. */
  parent: BlockEntry | null;
  /** The list of none is shared, and that of one holds no room for more: nearly all blocks have one at most. */
  children: BlockEntry[] = NO_CHILDREN;
  /** Sum of the expected hashes of the chain that ends here; 0 while unlinked. */
  chainWork: bigint;
  /** Null while the body is missing. The coinbase is the first. */
  transactions: readonly TransactionFacts[] | null = null;
  /** The canonical bytes of the whole block, at hand only while it is taken in from a peer. */
  bytes: Uint8Array | null = null;
  /** Of this block or an ancestor of it: true in every view. Null also while nobody has looked: see `judged`. */
  violation: Violation | null = null;
  /** Whether the body was checked against the ledger of its parent. */
  judged = false;
  /** After this block; let go when the block is deep, and then found again from `delta`. */
  ledger: Ledger | null = null;
  /** What the block changed in the ledger; null until it was judged valid. */
  delta: LedgerDelta | null = null;
  /** The target of a block on top of this one; null until somebody asked. */
  childCompactTarget: number | null = null;

  /** What a chain that ended in the parent changes by moving here; null until somebody moved so. */
  extension: ChainChange | null = null;

  /** Whether the tree has let it go: messages about it are old, and mean nothing. */
  isForgotten = false;

  beliefs: BeliefColumn;
  /** Views whose status is HELD. */
  heldCount = 0;

  #announcement: BlockMessage | null = null;
  #request: BlockMessage | null = null;
  /** Made with the body, whose size it states. */
  delivery: BlockMessage | null = null;
  /** Made when it is first sent so. */
  compact: CompactMessage | null = null;

  constructor(
    index: number,
    hash: Hex,
    header: Header,
    headerBytes: number,
    parent: BlockEntry | null,
    chainWork: bigint,
    beliefs: BeliefColumn,
  ) {
    this.index = index;
    this.hash = hash;
    this.header = header;
    this.sizeBytes = headerBytes;
    this.parent = parent;
    this.chainWork = chainWork;
    this.beliefs = beliefs;
  }

  /** One object for every send, made when it is first sent: of the blocks that a long chain starts with hardly any ever is. */
  get announcement(): BlockMessage {
    this.#announcement ??= makeBlockMessage("announce", this, 0);
    return this.#announcement;
  }

  get request(): BlockMessage {
    this.#request ??= makeBlockMessage("request", this, 0);
    return this.#request;
  }

  addChild(child: BlockEntry): void {
    if (this.children.length === 0) this.children = [child];
    else this.children.push(child);
  }
}

const NO_CHILDREN: BlockEntry[] = [];
