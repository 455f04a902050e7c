import { blockSizeBytes } from "../chain/block-bytes.ts";
import { HEADER_BYTES, hashHeader } from "../chain/header-bytes.ts";
import type { Sha256 } from "../chain/sha256.ts";
import { workOfCompact } from "../chain/target.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Header, Hex } from "../chain/types.ts";
import { type Applications, NO_APPLICATIONS } from "../rules/application.ts";
import { checkBlockBody, checkMerkleRoot } from "../rules/check-block.ts";
import { checkHeader } from "../rules/check-header.ts";
import type { TransactionContext, VerifySignature } from "../rules/check-transaction.ts";
import { expectedCompactTarget } from "../rules/difficulty.ts";
import { genesisHeader } from "../rules/genesis.ts";
import type { ChainParameters } from "../rules/parameters.ts";
import type { Violation } from "../rules/violation.ts";
import { invariant } from "../support/invariant.ts";
import { BeliefColumns, type BeliefLayout, HELD, UNKNOWN, WAITING } from "./belief-columns.ts";
import type { BlockArchive } from "./block-archive.ts";
import { BlockEntry } from "./block-entry.ts";
import { ColdChain } from "./cold-chain.ts";
import { leastWorkBlocks } from "./least-work.ts";
import { applyDelta, genesisLedger, type Ledger } from "./ledger.ts";
import { LedgerHistory } from "./ledger-history.ts";
import { makeBlockMessage } from "./messages.ts";
import { Orphans } from "./orphans.ts";
import { TransactionIndex } from "./transaction-index.ts";

/** Of the unsettled, when so many are forgotten the list is made anew: not for each, or a flood of orphans would copy it ten thousand times. */
const PURGED_RATIO = 1 / 8;

/** What the core is handed to hash and to verify with. */
export interface TreeFunctions {
  readonly sha256: Sha256;
  readonly verify: VerifySignature;
  /** Left out: none. */
  readonly applications?: Applications;
}

export type Entered =
  | { readonly ok: true; readonly block: BlockEntry }
  | { readonly ok: false; readonly violation: Violation; readonly hash: Hex };

/**
 * All blocks that are known to anyone here, by their hash, with what is true of them for everyone: linked, checked and judged once,
 * however many views look. A live node's tree has one view, a simulation's as many as nodes.
 */
export class BlockTree {
  readonly parameters: ChainParameters;
  readonly genesis: BlockEntry;
  readonly columns: BeliefColumns;
  /** Which links of which views are up, in the layout of `BeliefColumn.known`. */
  readonly linksUp: Uint32Array;
  /** Blocks that some view does not hold yet, in the order of arrival: those with a column of their own. Some may be forgotten. */
  unsettled: BlockEntry[] = [];
  /** Linked blocks that nobody has found valid: their headers are all that speaks for them. */
  readonly loose = new Set<BlockEntry>();
  readonly #byHash = new Map<Hex, BlockEntry>();
  readonly #orphans = new Orphans();
  #enteredCount = 1;
  #settleAtCount = 1;
  /** Blocks among the unsettled that are forgotten. */
  #unpurgedCount = 0;
  readonly #ledgers: LedgerHistory;
  /** Null in a simulation: everything stays in memory. */
  #cold: ColdChain | null = null;
  /** What facts of this chain's transactions are made with. */
  readonly transactionContext: TransactionContext;
  /** Where facts of transactions from outside are made. */
  readonly transactions: TransactionIndex;
  readonly #sha256: Sha256;

  constructor(parameters: ChainParameters, layout: BeliefLayout, functions: TreeFunctions) {
    const { sha256, verify, applications = NO_APPLICATIONS } = functions;
    this.parameters = parameters;
    this.columns = new BeliefColumns(layout);
    this.linksUp = new Uint32Array(layout.viewCount * this.columns.maskWords);
    this.#sha256 = sha256;
    const header = genesisHeader(parameters, sha256);
    const work = workOfCompact(header.compactTarget);
    this.genesis = new BlockEntry(
      0,
      hashHeader(header, sha256),
      header,
      HEADER_BYTES,
      null,
      work,
      this.columns.settled,
    );
    this.genesis.transactions = [];
    this.genesis.sizeBytes = blockSizeBytes([]);
    this.genesis.judged = true;
    this.genesis.heldCount = layout.viewCount;
    this.genesis.ledger = genesisLedger(parameters);
    this.#ledgers = new LedgerHistory(this.genesis);
    this.#byHash.set(this.genesis.hash, this.genesis);
    this.transactionContext = { genesisHash: this.genesis.hash, sha256, verify, applications };
    this.transactions = new TransactionIndex(this.transactionContext);
  }

  /** From now on bodies, deltas and ledgers of old blocks are let go, and had from there again. Before the first block is entered. */
  attachArchive(archive: BlockArchive): void {
    this.#cold = new ColdChain(archive, this.genesis, this.transactionContext, this.parameters);
    this.#ledgers.attach(this.#cold);
  }

  get(hash: Hex): BlockEntry | null {
    return this.#byHash.get(hash) ?? null;
  }

  /** Blocks known, genesis included. */
  get size(): number {
    return this.#byHash.size;
  }

  /**
   * The entry of this header, made if it is new. A header whose parent is unknown is kept unlinked, with `parent: null`, until the
   * parent comes; a linked one that breaks a rule is refused and not kept.
   */
  enterHeader(header: Header): Entered {
    const hash = hashHeader(header, this.#sha256);
    const known = this.#byHash.get(hash);
    if (known !== undefined) return { ok: true, block: known };
    const parent = this.#byHash.get(header.parentHash) ?? null;
    const linked = parent !== null && this.#isLinked(parent);
    if (linked) {
      const violation = this.#checkLink(header, hash, parent);
      if (violation !== null) return { ok: false, violation, hash };
    }
    this.#settle();
    const work = linked ? parent.chainWork + workOfCompact(header.compactTarget) : 0n;
    const block = new BlockEntry(
      this.#enteredCount++,
      hash,
      header,
      HEADER_BYTES,
      linked ? parent : null,
      work,
      this.columns.take(),
    );
    this.#byHash.set(hash, block);
    this.unsettled.push(block);
    if (linked) {
      parent.addChild(block);
      this.loose.add(block);
      this.#linkOrphansOf(block);
    } else {
      const forgotten = this.#orphans.add(block);
      if (forgotten !== null) this.#forget([forgotten]);
    }
    return { ok: true, block };
  }

  /**
   * Adds a body to its header's entry. A body that the header does not commit to is refused: it says nothing of the block. That of an
   * unlinked block is looked at and not kept, because whoever invents a parent could make a node keep it for nothing.
   */
  attachBody(block: BlockEntry, transactions: readonly TransactionFacts[]): Violation | null {
    if (block.transactions !== null) return null;
    const violation = checkMerkleRoot(block.header, transactions, this.#sha256);
    if (violation !== null || !this.#isLinked(block)) return violation;
    block.transactions = transactions;
    block.sizeBytes = blockSizeBytes(transactions);
    block.delivery = makeBlockMessage("block", block, 0);
    this.#cold?.noteBody(block);
    return null;
  }

  /** The transactions of a block that is held, from the archive if need be; null if they are damaged there. Genesis has none. */
  bodyOf(block: BlockEntry): readonly TransactionFacts[] | null {
    return block.transactions ?? this.#cold?.loadBody(block) ?? null;
  }

  /** Brings these bodies into memory, where they stay for some time. */
  loadBodies(blocks: readonly BlockEntry[]): void {
    if (this.#cold !== null) for (const block of blocks) this.bodyOf(block);
  }

  /** Header and body of a block that was made here. */
  enterMined(header: Header, transactions: readonly TransactionFacts[]): Entered {
    const entered = this.enterHeader(header);
    if (!entered.ok) return entered;
    const violation = this.attachBody(entered.block, transactions);
    return violation === null ? entered : { ok: false, violation, hash: entered.block.hash };
  }

  /** Lets go of a body that nobody wants: not of a block that was judged, nor where some view waits to judge it. */
  releaseBody(block: BlockEntry): void {
    if (block.judged || block.transactions === null || block.beliefs.status.includes(WAITING)) return;
    block.transactions = null;
    block.delivery = null;
    block.compact = null;
    block.sizeBytes = HEADER_BYTES;
  }

  /** Forgets blocks that nobody has found valid, those with the least work first, until `countMax` are left; how many. */
  forgetLoose(countMax: number, isPinned: (block: BlockEntry) => boolean): number {
    const blocks = leastWorkBlocks(this.loose, countMax, isPinned);
    this.#forget(blocks);
    return blocks.length;
  }

  /**
   * Whether the block is valid, checked once against the ledger of its parent, which must have been judged; body attached. A block on top of
   * an invalid one is `bad-parent`.
   */
  judge(block: BlockEntry): Violation | null {
    if (block.judged) return block.violation;
    const { parent, transactions } = block;
    invariant(
      parent?.judged === true && transactions !== null,
      `block ${block.hash} judged before its parent or body`,
    );
    block.judged = true;
    if (parent.violation !== null) {
      block.violation = { code: "bad-parent", parentHash: parent.hash };
      return block.violation;
    }
    const ledgerBefore = this.ledgerAfter(parent);
    const { header } = block;
    const context = this.transactionContext;
    const { violation, delta } = checkBlockBody(header, transactions, ledgerBefore, this.parameters, context);
    block.violation = violation;
    if (delta === null) return violation;
    block.delta = delta;
    this.loose.delete(block);
    this.#ledgers.keep(block, applyDelta(ledgerBefore, delta));
    return null;
  }

  /**
   * A linked header from the archive of a tree with one view, checked as any. It counts as held, with no column of its own, since nearly all
   * will be: `unhold` those that turn out not to be. Of its body nothing is known but how large the block is.
   */
  enterStored(header: Header, sizeBytes: number): Entered {
    const entered = this.enterHeader(header);
    if (!entered.ok) return entered;
    const { block } = entered;
    block.sizeBytes = sizeBytes;
    this.unsettled.pop();
    this.loose.delete(block);
    this.columns.give(block.beliefs);
    block.beliefs = this.columns.settled;
    block.heldCount = this.columns.viewCount;
    return entered;
  }

  /** Takes a stored block for valid, because it was judged in an earlier life, before it was stored. */
  trust(block: BlockEntry): void {
    block.judged = true;
  }

  /** The highest block up to `tip`, or itself, whose ledger the archive keeps: a start goes on from it. Genesis if there is none. */
  highestKept(tip: BlockEntry): BlockEntry {
    for (const hash of this.#cold?.ledgerBlocks ?? []) {
      const block = this.#byHash.get(hash);
      if (block === undefined || block.header.height > tip.header.height) continue;
      let at: BlockEntry | null = tip;
      while (at !== null && at.header.height > block.header.height) at = at.parent;
      const ledger = at === block ? (this.#cold?.keptLedger(block) ?? null) : null;
      if (ledger === null) continue;
      this.#ledgers.begin(block, ledger);
      return block;
    }
    return this.genesis;
  }

  /** Has the ledger of a tip in memory: after a start, when no kept ledger led up to it. */
  standOn(tip: BlockEntry): void {
    if (this.#cold !== null && tip.ledger === null) this.#ledgers.begin(tip, this.ledgerAfter(tip));
  }

  /** Balances and sequence numbers after a valid block. */
  ledgerAfter(block: BlockEntry): Ledger {
    return block.ledger ?? this.#ledgers.rebuild(block);
  }

  /** The target that a child of this block must have. */
  compactTargetAfter(block: BlockEntry): number {
    block.childCompactTarget ??= expectedCompactTarget(block, this.parameters);
    return block.childCompactTarget;
  }

  /** A node is gone, and all that it believed with it. What everyone holds it holds too, once it is back. */
  forgetView(view: number): void {
    const { maskWords } = this.columns;
    this.linksUp.fill(0, view * maskWords, (view + 1) * maskWords);
    for (const block of this.unsettled) {
      const { status, known } = block.beliefs;
      if (status[view] === HELD) block.heldCount--;
      status[view] = UNKNOWN;
      known.fill(0, view * maskWords, (view + 1) * maskWords);
    }
  }

  /** A view that held a block, or was taken to, does not: the block has its own column again, and this status there. */
  unhold(block: BlockEntry, view: number, status: number): void {
    if (block.beliefs === this.columns.settled) {
      block.beliefs = this.columns.take();
      block.beliefs.status.fill(HELD);
      this.unsettled.push(block);
      if (!block.judged) this.loose.add(block);
    }
    if (block.beliefs.status[view] === HELD) block.heldCount--;
    block.beliefs.status[view] = status;
  }

  #isLinked(block: BlockEntry): boolean {
    return block.parent !== null || block === this.genesis;
  }

  #checkLink(header: Header, hash: Hex, parent: BlockEntry): Violation | null {
    if (parent.violation !== null) return { code: "bad-parent", parentHash: parent.hash };
    return checkHeader(header, hash, parent, this.parameters);
  }

  /** They are as if they had never come; whoever still has a reference to one sees that it is forgotten. */
  #forget(blocks: readonly BlockEntry[]): void {
    const parents = new Set<BlockEntry>();
    for (const block of blocks) {
      block.isForgotten = true;
      this.#byHash.delete(block.hash);
      this.loose.delete(block);
      if (block.parent !== null) parents.add(block.parent);
      // Messages about it may be under way, so its column is lent to no other block.
      block.beliefs.status.fill(UNKNOWN);
    }
    // Each once: a flood may have made thousands of siblings.
    for (const parent of parents) parent.children = parent.children.filter((child) => !child.isForgotten);
    this.#unpurgedCount += blocks.length;
    if (this.#unpurgedCount < this.unsettled.length * PURGED_RATIO) return;
    this.unsettled = this.unsettled.filter((block) => !block.isForgotten);
    this.#unpurgedCount = 0;
  }

  /** Links what waited for this block, and what waited for that; a chain of orphans may be long, so no recursion. */
  #linkOrphansOf(first: BlockEntry): void {
    const linked = [first];
    for (let parent = linked.pop(); parent !== undefined; parent = linked.pop()) {
      for (const orphan of this.#orphans.takeChildrenOf(parent.hash)) {
        if (this.#checkLink(orphan.header, orphan.hash, parent) !== null) {
          this.#forget([orphan]);
          continue;
        }
        orphan.parent = parent;
        orphan.chainWork = parent.chainWork + workOfCompact(orphan.header.compactTarget);
        parent.addChild(orphan);
        this.loose.add(orphan);
        linked.push(orphan);
      }
    }
  }

  /**
   * Takes back the columns of blocks that every view holds. Done when the blocks without one have doubled since the
   * last time, so that a node which learns a hundred thousand headers does not walk them for each.
   */
  #settle(): void {
    if (this.unsettled.length < this.#settleAtCount) return;
    const { viewCount } = this.columns;
    this.unsettled = this.unsettled.filter((block) => {
      if (block.isForgotten) return false;
      if (block.heldCount < viewCount) return true;
      this.columns.give(block.beliefs);
      block.beliefs = this.columns.settled;
      return false;
    });
    this.#unpurgedCount = 0;
    this.#settleAtCount = 2 * this.unsettled.length + 1;
  }
}
