import { hashHeader } from "../../node/core/chain/header-bytes.ts";
import { merkleRoot } from "../../node/core/chain/merkle.ts";
import type { Sha256 } from "../../node/core/chain/sha256.ts";
import { compactFromTarget, targetFromCompact, workOfCompact } from "../../node/core/chain/target.ts";
import { NO_SIGNATURE, signingBytes } from "../../node/core/chain/transaction-bytes.ts";
import type { Header, Hex, Transaction } from "../../node/core/chain/types.ts";
import type { ChainParameters } from "../../node/core/rules/parameters.ts";
import type { TreeFunctions } from "../../node/core/state/block-tree.ts";
import { invariant } from "../../node/core/support/invariant.ts";

export interface NaiveBlock {
  readonly hash: Hex;
  readonly header: Header;
  readonly transactions: readonly { readonly id: Hex; readonly tx: Transaction }[] | null;
}

/** What is true after a block. Plain maps, copied for each block. */
export interface NaiveState {
  readonly header: Header;
  readonly parent: NaiveState | null;
  readonly work: bigint;
  readonly balances: ReadonlyMap<Hex, bigint>;
  readonly sequences: ReadonlyMap<Hex, number>;
}

/**
 * The rules of the chain a second time, as short and slow as they can be said: what the referee believes instead of the core.
 * Shares with it the bytes and the hash of things, not the ledger, the tree or the rules.
 */
export class NaiveChain {
  readonly #params: ChainParameters;
  readonly #sha256: Sha256;
  readonly #verify: TreeFunctions["verify"];
  readonly #genesisHash: Hex;
  readonly #states = new Map<Hex, NaiveState>();
  readonly #faults = new Map<Hex, string | null>();
  readonly #signed = new Map<Hex, boolean>();

  constructor(params: ChainParameters, genesis: NaiveBlock, { sha256, verify }: TreeFunctions) {
    this.#params = params;
    this.#sha256 = sha256;
    this.#verify = verify;
    this.#genesisHash = genesis.hash;
    this.#states.set(genesis.hash, {
      header: genesis.header,
      parent: null,
      work: workOfCompact(genesis.header.compactTarget),
      balances: new Map(params.allocations.map(({ account, amount }) => [account, amount])),
      sequences: new Map(),
    });
    this.#faults.set(genesis.hash, null);
  }

  /** What is wrong with a block whose ancestors were judged, or null. */
  judge(block: NaiveBlock): string | null {
    const known = this.#faults.get(block.hash);
    if (known !== undefined) return known;
    const parent = this.#states.get(block.header.parentHash);
    const fault = parent === undefined ? "its parent is unknown or invalid" : this.#judgeAfter(block, parent);
    this.#faults.set(block.hash, fault);
    return fault;
  }

  /** After a block that was judged valid. */
  after(hash: Hex): NaiveState {
    const state = this.#states.get(hash);
    invariant(state !== undefined, `block ${hash} was not judged valid`);
    return state;
  }

  issuedCoins(height: number): bigint {
    let coins = this.#params.allocations.reduce((sum, { amount }) => sum + amount, 0n);
    for (let each = 1; each <= height; each++) coins += this.#params.blockReward;
    return coins;
  }

  #judgeAfter(block: NaiveBlock, parent: NaiveState): string | null {
    const fault = this.#headerFault(block, parent);
    if (fault !== null) return fault;
    const balances = new Map(parent.balances);
    const sequences = new Map(parent.sequences);
    const [coinbase, ...rest] = block.transactions ?? [];
    let pay = this.#params.blockReward;
    for (const { id, tx } of rest) {
      const spent = this.#spend(tx, id, balances, sequences);
      if (spent !== null) return `transaction ${id}: ${spent}`;
      pay += tx.fee;
    }
    const { header } = block;
    if (coinbase?.tx.body.kind !== "coinbase") return "its first transaction is no coinbase";
    if (coinbase.tx.body.amount !== pay) return `its coinbase pays ${coinbase.tx.body.amount}, not ${pay}`;
    if (coinbase.tx.sender !== header.miner) return "its coinbase pays somebody else";
    if (coinbase.tx.sequence !== header.height || coinbase.tx.fee !== 0n) return "its coinbase is malformed";
    balances.set(header.miner, (balances.get(header.miner) ?? 0n) + pay);
    const work = parent.work + workOfCompact(header.compactTarget);
    this.#states.set(block.hash, { header, parent, work, balances, sequences });
    return null;
  }

  #spend(tx: Transaction, id: Hex, balances: Map<Hex, bigint>, sequences: Map<Hex, number>): string | null {
    if (tx.body.kind === "coinbase") return "a second coinbase";
    if (!this.#isSigned(tx, id)) return "not signed";
    const sequence = sequences.get(tx.sender) ?? 0;
    if (tx.sequence !== sequence) return `sequence ${tx.sequence}, not ${sequence}`;
    const balance = balances.get(tx.sender) ?? 0n;
    const cost = tx.fee + (tx.body.kind === "transfer" ? tx.body.amount : 0n);
    if (balance < cost) return `costs ${cost} of ${balance}`;
    sequences.set(tx.sender, sequence + 1);
    balances.set(tx.sender, balance - cost);
    if (tx.body.kind === "transfer")
      balances.set(tx.body.recipient, (balances.get(tx.body.recipient) ?? 0n) + tx.body.amount);
    return null;
  }

  #isSigned(tx: Transaction, id: Hex): boolean {
    const known = this.#signed.get(id);
    if (known !== undefined) return known;
    const isSigned =
      tx.signature !== NO_SIGNATURE &&
      this.#verify(tx.sender, signingBytes(tx, this.#genesisHash), tx.signature);
    this.#signed.set(id, isSigned);
    return isSigned;
  }

  #headerFault({ hash, header, transactions }: NaiveBlock, parent: NaiveState): string | null {
    if (hash !== hashHeader(header, this.#sha256)) return "its hash is not its header's";
    if (header.height !== parent.header.height + 1) return `its height is ${header.height}`;
    const ids = (transactions ?? []).map(({ id }) => id);
    if (header.merkleRoot !== merkleRoot(ids, this.#sha256)) return "its header is of other transactions";
    const target = this.#targetAfter(parent);
    if (header.compactTarget !== target) return `its target is ${header.compactTarget}, not ${target}`;
    const timesMs: number[] = [];
    for (let at: NaiveState | null = parent; at !== null && timesMs.length < 11; at = at.parent)
      timesMs.push(at.header.timeMs);
    const medianMs = timesMs.sort((a, b) => a - b)[Math.floor(timesMs.length / 2)] as number;
    return header.timeMs > medianMs ? null : `its time ${header.timeMs} is not after the median ${medianMs}`;
  }

  #targetAfter(parent: NaiveState): number {
    const { difficultyRule: rule } = this.#params;
    const { height, compactTarget, timeMs } = parent.header;
    if (rule.kind === "fixed" || (height + 1) % rule.periodBlocks !== 0) return compactTarget;
    let first = parent;
    while (first.header.height % rule.periodBlocks !== 0) first = first.parent as NaiveState;
    const wantedMs = rule.periodBlocks * rule.blockIntervalMs;
    const tookMs = timeMs - first.header.timeMs;
    const clampedMs = Math.max(Math.floor(wantedMs / 4), Math.min(wantedMs * 4, tookMs));
    return compactFromTarget(
      ((targetFromCompact(compactTarget) as bigint) * BigInt(clampedMs)) / BigInt(wantedMs),
    );
  }
}
