import { decodeBlock } from "../chain/block-bytes.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex } from "../chain/types.ts";
import type { LedgerDelta } from "../rules/account-state.ts";
import { checkBlockBody, checkMerkleRoot } from "../rules/check-block.ts";
import { makeCheckedFacts, type TransactionContext } from "../rules/check-transaction.ts";
import { issuedCoins } from "../rules/genesis.ts";
import type { ChainParameters } from "../rules/parameters.ts";
import { invariant } from "../support/invariant.ts";
import { type BlockArchive, BodyLostError } from "./block-archive.ts";
import type { BlockEntry } from "./block-entry.ts";
import { KeptBodies } from "./kept-bodies.ts";
import type { Ledger } from "./ledger.ts";
import { decodeLedger, encodeLedger, isOtherLedgerFormat } from "./ledger-bytes.ts";

/** Heights from one kept ledger to the next: what a start has to work through again, at some 0.1 ms a small block. */
export const LEDGER_STEP_HEIGHTS = 500;

/** A kept ledger is so far below the best block of its time, because one that is reorganised away is of no use. */
export const LEDGER_DEPTH_HEIGHTS = 12;

/** What a tree has in its archive, made into what it has in memory, and checked on the way. */
export class ColdChain {
  readonly #archive: BlockArchive;
  readonly #context: TransactionContext;
  readonly #parameters: ChainParameters;
  readonly #genesisLedger: Ledger;
  readonly #kept = new KeptBodies();

  /** `genesis` has its ledger. */
  constructor(
    archive: BlockArchive,
    genesis: BlockEntry,
    context: TransactionContext,
    parameters: ChainParameters,
  ) {
    invariant(genesis.ledger !== null, "an archive is attached before the first block");
    this.#archive = archive;
    this.#context = context;
    this.#parameters = parameters;
    this.#genesisLedger = genesis.ledger;
  }

  /** A body came into memory. */
  noteBody(block: BlockEntry): void {
    this.#kept.note(block);
  }

  /** Brings the body of a stored block into memory; null if it is damaged. Its signatures were checked before it was stored. */
  loadBody(block: BlockEntry): readonly TransactionFacts[] | null {
    if (block.parent === null) return null;
    const bytes = this.#archive.blockBytes(block);
    if (bytes === null) return null;
    const { value, fault } = decodeBlock(bytes);
    if (fault !== null) return this.#refuse(block, fault);
    const transactions = value.transactions.map((tx) => makeCheckedFacts(tx, this.#context));
    if (checkMerkleRoot(block.header, transactions, this.#context.sha256) !== null)
      return this.#refuse(block, "its transactions are not those that its header commits to");
    block.transactions = transactions;
    this.#kept.note(block);
    return transactions;
  }

  /** What a stored block does to the ledger before it. */
  deltaAgain(block: BlockEntry, ledgerBefore: Ledger): LedgerDelta {
    const transactions = block.transactions ?? this.loadBody(block);
    if (transactions === null)
      throw new BodyLostError(
        `a ledger cannot be found again, because the stored block ${block.hash} at height ${block.header.height} is damaged; ` +
          "start the node again: it is fetched from peers",
      );
    const { header } = block;
    const { delta } = checkBlockBody(header, transactions, ledgerBefore, this.#parameters, this.#context);
    invariant(delta !== null, `stored block ${block.hash} is not valid`);
    return delta;
  }

  /** The ledger after a block, if it is genesis' or kept and whole. */
  keptLedger(block: BlockEntry): Ledger | null {
    if (block.parent === null) return this.#genesisLedger;
    const { hash, header } = block;
    if (!this.#archive.ledgerBlocks.includes(hash)) return null;
    const bytes = this.#archive.ledgerBytes(hash);
    if (bytes === null) return null;
    if (isOtherLedgerFormat(bytes)) {
      // Another version wrote it: nothing is damaged, and the next one is kept as this version writes it.
      this.#archive.dropLedger(hash);
      return null;
    }
    const { height } = header;
    const issued = issuedCoins(this.#parameters, height);
    const decoded = decodeLedger(bytes, { hash, height }, issued, this.#genesisLedger, this.#context.sha256);
    if (decoded.fault !== null) this.#archive.setLedgerAside(hash, decoded.fault);
    return decoded.value;
  }

  /** Blocks whose ledgers are kept, height descending. */
  get ledgerBlocks(): readonly Hex[] {
    return this.#archive.ledgerBlocks;
  }

  /** The best chain has grown to this block: every so often the ledger a little below it is kept. */
  bestMoved(best: BlockEntry): void {
    if (best.header.height % LEDGER_STEP_HEIGHTS !== 0) return;
    let at: BlockEntry | null = best;
    for (let down = 0; down < LEDGER_DEPTH_HEIGHTS && at !== null; down++) at = at.parent;
    if (at === null || at.parent === null || at.ledger === null) return;
    const { hash, header, ledger } = at;
    const { height } = header;
    this.#archive.keepLedger(at, encodeLedger({ hash, height }, ledger, this.#context.sha256));
  }

  #refuse(block: BlockEntry, fault: string): null {
    this.#archive.setAside(block, fault);
    return null;
  }
}
