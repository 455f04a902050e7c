import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex, Transaction } from "../chain/types.ts";
import type { AccountReader } from "../rules/account-state.ts";
import { payloadFault } from "../rules/check-transaction.ts";
import { DeltaBuilder } from "../rules/delta-builder.ts";
import type { AdmissionViolation, TransactionViolation } from "../rules/violation.ts";
import type { Micros } from "../support/micros.ts";
import { FREE_BYTES_PER_SEC, FreeRelay } from "./free-relay.ts";
import { AccountQueue, type Released, type Waiting } from "./mempool-account.ts";
import { hasEffects, type MempoolApps, PendingEffects } from "./mempool-apps.ts";
import { EvictionQueue, planEviction } from "./mempool-eviction.ts";
import { feeToReplace } from "./mempool-replacement.ts";
import { selectTransactions } from "./mempool-select.ts";

/** How far ahead of its account's next a sequence may be, behind a gap or not: the bound of what one account can keep waiting behind a gap. */
export const SEQUENCE_AHEAD_MAX = 128;

/** The same where no gap is before it, as when a client sends all that it has before it asks for a block. Queues are searched one by one. */
export const SEQUENCE_RUN_MAX = 1_024;

/**
 * How long a transaction may wait: after that its sender has given it up or sent it anew, and it is taken from the mempool at the next change
 * of the tip. Source: Bitcoin Core, DEFAULT_MEMPOOL_EXPIRY_HOURS.
 */
export const EXPIRY_US: Micros = 336 * 3_600 * 1_000_000;

/** Blocks that leave or join a best chain, as far as a mempool looks at them. */
export interface ChainMove {
  /** Height descending. */
  readonly disconnected: readonly BlockContent[];
  /** Height ascending. */
  readonly connected: readonly BlockContent[];
}

export interface BlockContent {
  /** Null is as good as none. */
  readonly transactions: readonly TransactionFacts[] | null;
}

/**
 * Transactions that wait for a block, at most `bytesMax` of their canonical bytes. Of an account's sequence the first seen stays, unless
 * another pays a tenth more: so a replacement costs its sender each time, and what one can make a network pass on
 * grows with the logarithm of what he has (BIP 125, rules 3 and 4). What has no fee is taken within a budget. What waits behind a gap of its
 * account's sequences, where no block can have it, is held back from the network until the gap closes; `release` says of what the network may be told. An empty mempool holds no collection at all, because a simulation has ten thousand of them.
 */
export class Mempool {
  readonly #bytesMax: number;
  readonly #apps: MempoolApps | null;
  readonly #free: FreeRelay;
  #pool: Pool | null = null;
  #bytes = 0;
  #arrivals = 0;

  /** `apps`: null where the chain has no applications. */
  constructor(
    bytesMax: number,
    {
      freeBytesPerSec = FREE_BYTES_PER_SEC,
      apps = null,
    }: { readonly freeBytesPerSec?: number; readonly apps?: MempoolApps | null } = {},
  ) {
    this.#bytesMax = bytesMax;
    this.#free = new FreeRelay(freeBytesPerSec);
    this.#apps = apps;
  }

  get count(): number {
    return this.#pool?.byId.size ?? 0;
  }

  /** Canonical bytes of all that waits. */
  get bytes(): number {
    return this.#bytes;
  }

  has(id: Hex): boolean {
    return this.#pool?.byId.has(id) ?? false;
  }

  get(id: Hex): TransactionFacts | null {
    return this.#pool?.byId.get(id)?.facts ?? null;
  }

  /** The oldest first. */
  *inOrderOfArrival(): Generator<TransactionFacts> {
    if (this.#pool !== null) for (const { facts } of this.#pool.byId.values()) yield facts;
  }

  /** The oldest first, without what is held back, or has no fee and would be if it came now. */
  *tellable(ledger: AccountReader): Generator<TransactionFacts> {
    for (const entry of this.#pool?.byId.values() ?? [])
      if (entry.heldBackFrom === null && (entry.facts.tx.fee > 0n || this.#isReady(entry, ledger)))
        yield entry.facts;
  }

  /** Whether it waits behind a gap and may not be told of. */
  isHeldBack(id: Hex): boolean {
    return (this.#pool?.byId.get(id)?.heldBackFrom ?? null) !== null;
  }

  /** Someone has it: of what is held back this is noted for its release. */
  heardFrom(id: Hex, knower: number): void {
    const knowers = this.#pool?.byId.get(id)?.heldBackFrom;
    if (knowers?.includes(knower) === false) knowers.push(knower);
  }

  /**
   * What may be told of because this one was added, each once, in the order of their sequences: itself, and what it closed the gap before. Behind a
   * gap it is held back; with a fee only when the budget of free relay is used up, since for now it pays as little as one without.
   */
  release(
    { id, tx, sizeBytes }: TransactionFacts,
    ledger: AccountReader,
    nowUs: Micros,
  ): readonly Released[] {
    const queue = this.#pool?.queues.get(tx.sender);
    const entry = this.#pool?.byId.get(id);
    if (queue === undefined || entry === undefined) return NONE;
    const released = queue.release(ledger.accountOf(tx.sender).nextSequence);
    if (released.length > 0 || tx.fee === 0n || !this.#free.hasRoom(sizeBytes, nowUs)) return released;
    this.#free.take(sizeBytes, nowUs);
    return queue.releaseOne(entry);
  }

  /**
   * Takes a transaction, or says why not, what is cheap to find out first and the signature late. `ledger` is the one after
   * the tip. A full mempool makes room by letting go of transactions with a lower fee a byte. `knowers` have it
   * already: `release` hands them back with it.
   */
  add(
    facts: TransactionFacts,
    ledger: AccountReader,
    nowUs: Micros,
    knowers: readonly number[] = [],
  ): AdmissionViolation | TransactionViolation | null {
    const refusal = this.refusalOf(facts, ledger, nowUs) ?? facts.violation;
    if (refusal !== null) return refusal;
    const holder = this.#holderOf(facts);
    const refused = hasEffects(facts, this.#apps)
      ? this.#addWithEffects(facts, holder, ledger, nowUs, [...knowers])
      : this.#admit(facts, holder, nowUs, [...knowers]);
    if (refused === null && facts.tx.fee === 0n) this.#free.take(facts.sizeBytes, nowUs);
    return refused;
  }

  /** Why `add` would not take it, as far as can be told without its signature; null if that decides. */
  refusalOf(
    facts: TransactionFacts,
    ledger: AccountReader,
    nowUs: Micros,
  ): AdmissionViolation | TransactionViolation | null {
    const { id, tx, sizeBytes } = facts;
    if (this.has(id)) return { code: "already-known", id };
    if (tx.body.kind === "coinbase")
      return { code: "bad-payload", id, reason: "a coinbase without its block" };
    const account = ledger.accountOf(tx.sender);
    if (tx.sequence < account.nextSequence)
      return { code: "bad-sequence", id, sequence: tx.sequence, expectedSequence: account.nextSequence };
    if (this.#isTooFar(tx, account.nextSequence))
      return { code: "sequence-too-far", id, sequence: tx.sequence, nextSequence: account.nextSequence };
    const fault =
      tx.body.kind === "app" && this.#apps !== null ? payloadFault(tx, id, this.#apps.rules) : null;
    if (fault !== null) return fault;
    const queue = this.#pool?.queues.get(tx.sender);
    const holder = queue?.find(tx.sequence) ?? null;
    const feeNeeded = holder === null ? 0n : feeToReplace(facts, holder.facts);
    if (holder !== null && tx.fee < feeNeeded)
      return { code: "sequence-taken", id, sequence: tx.sequence, holderId: holder.facts.id, feeNeeded };
    const cost = facts.cost + (queue?.cost ?? 0n) - (holder?.facts.cost ?? 0n);
    const balance = account.balance - (this.#pool?.effects?.takenFrom(tx.sender) ?? 0n);
    if (cost > balance) return { code: "no-cover", id, balance: balance < 0n ? 0n : balance, cost };
    if (tx.fee === 0n && !this.#free.hasRoom(sizeBytes, nowUs))
      return { code: "over-free-relay", id, sizeBytes };
    if (holder !== null || !hasEffects(facts, this.#apps)) return null;
    return this.#effects()?.refusalOf(facts, ledger) ?? null;
  }

  /**
   * Follows the tip. What the connected blocks hold leaves, and what they made impossible: used sequences, and the tails of
   * their senders' queues that are no longer covered. What the disconnected blocks held comes back first, the oldest block's
   * first, as far as there is room; without asking for its cover, because that may come back in the same way. What has waited too long
   * leaves as well, and so does what its application refuses now, in whatever order. Gives what connected blocks have closed the gap before, as
   * `release` does. What comes back is told to nobody: peers had its block.
   */
  chainChanged(move: ChainMove, ledgerAfter: AccountReader, nowUs: Micros): readonly Released[] {
    this.#expire(nowUs);
    let released = NONE;
    // The chain mostly only grows, and then there is nothing to turn around.
    const returned = move.disconnected.length === 0 ? move.disconnected : move.disconnected.toReversed();
    for (const { transactions } of returned)
      for (const facts of transactions ?? []) this.#takeBack(facts, ledgerAfter, nowUs);
    for (const { transactions } of move.connected) {
      if (this.#pool === null) break;
      for (const { tx } of transactions ?? []) {
        if (tx.body.kind === "coinbase") continue;
        this.#settle(tx.sender, ledgerAfter);
        const more = this.#releaseRun(tx.sender, ledgerAfter);
        if (more.length > 0) released = [...released, ...more];
      }
    }
    if (this.#pool !== null && this.#pool.effectCount > 0) this.#runAgain(ledgerAfter);
    return released;
  }

  /** The first sequence of an account that neither the ledger nor a waiting transaction has used. */
  nextSequenceOf(account: Hex, ledger: AccountReader): number {
    return this.#firstUnused(account, ledger.accountOf(account).nextSequence);
  }

  /** Transactions for a block on the tip whose ledger this is, in an order that is valid, `bytesMax` at most with their frames. */
  select(ledger: AccountReader, bytesMax: number): TransactionFacts[] {
    if (this.#pool === null) return [];
    const { queues, effectCount } = this.#pool;
    const builder =
      effectCount === 0 || this.#apps === null
        ? null
        : new DeltaBuilder(ledger, this.#apps.nextHeight(), this.#apps.rules);
    return selectTransactions(queues, ledger, bytesMax, builder);
  }

  /** The same of what an application has to do with. */
  #addWithEffects(
    facts: TransactionFacts,
    holder: Waiting | null,
    ledger: AccountReader,
    nowUs: Micros,
    knowers: number[],
  ): AdmissionViolation | TransactionViolation | null {
    // What it replaces must not stand in its way. That is looked at only now, because whoever may replace has paid for it.
    const effects = holder === null ? this.#effects() : this.#effectsWithout(holder, ledger);
    const refused = holder === null ? null : (effects?.refusalOf(facts, ledger) ?? null);
    if (refused !== null) return refused;
    const unadmitted = this.#admit(facts, holder, nowUs, knowers);
    if (unadmitted !== null) return unadmitted;
    if (this.#pool !== null) this.#pool.effects = effects;
    effects?.take(facts, ledger);
    return null;
  }

  #firstUnused(account: Hex, nextSequence: number): number {
    let next = nextSequence;
    for (const { facts } of this.#pool?.queues.get(account)?.waiting ?? [])
      if (facts.tx.sequence === next) next++;
    return next;
  }

  #isTooFar({ sender, sequence }: Transaction, nextSequence: number): boolean {
    if (sequence <= nextSequence + SEQUENCE_AHEAD_MAX) return false;
    return sequence > nextSequence + SEQUENCE_RUN_MAX || sequence > this.#firstUnused(sender, nextSequence);
  }

  #holderOf({ tx }: TransactionFacts): Waiting | null {
    return this.#pool?.queues.get(tx.sender)?.find(tx.sequence) ?? null;
  }

  /** Of what waits of applications; to be kept only if something does. */
  #effects(): PendingEffects | null {
    return this.#pool?.effects ?? this.#noEffects();
  }

  #noEffects(): PendingEffects | null {
    if (this.#apps === null) return null;
    return new PendingEffects(this.#apps, (account) => this.#pool?.queues.get(account)?.cost ?? 0n);
  }

  #effectsWithout(holder: Waiting, ledger: AccountReader): PendingEffects | null {
    const effects = this.#noEffects();
    effects?.takeAll(
      this.#withEffects().filter((facts) => facts !== holder.facts),
      ledger,
    );
    return effects;
  }

  #withEffects(): TransactionFacts[] {
    return [...this.inOrderOfArrival()].filter((facts) => hasEffects(facts, this.#apps));
  }

  /** Makes the effects anew on this ledger. What is refused leaves; the next of its account fills its place, or waits for one that does. */
  #runAgain(ledger: AccountReader): void {
    const effects = this.#noEffects();
    const refused = effects?.takeAll(this.#withEffects(), ledger) ?? [];
    for (const { id } of refused) {
      const entry = this.#pool?.byId.get(id);
      if (entry !== undefined) this.#remove(entry);
    }
    if (this.#pool !== null) this.#pool.effects = effects;
  }

  #takeBack(facts: TransactionFacts, ledger: AccountReader, nowUs: Micros): void {
    const { tx } = facts;
    if (tx.body.kind === "coinbase" || tx.sequence < ledger.accountOf(tx.sender).nextSequence) return;
    if (this.#holderOf(facts) !== null || this.#admit(facts, null, nowUs, []) !== null) return;
    // No gap closes by it: all that was ever held back has a gap above what the blocks had used.
    this.#releaseRun(tx.sender, ledger);
  }

  #releaseRun(account: Hex, ledger: AccountReader): readonly Released[] {
    return this.#pool?.queues.get(account)?.release(ledger.accountOf(account).nextSequence) ?? NONE;
  }

  #isReady(entry: Waiting, ledger: AccountReader): boolean {
    const { sender } = entry.facts.tx;
    return this.#pool?.queues.get(sender)?.isReady(entry, ledger.accountOf(sender).nextSequence) === true;
  }

  /** Lets go of what can never be in a block after this ledger, and of the last of an account until the rest is covered. */
  #settle(account: Hex, ledger: AccountReader): void {
    const queue = this.#pool?.queues.get(account);
    if (queue === undefined) return;
    const { balance, nextSequence } = ledger.accountOf(account);
    for (let first = queue.waiting[0]; first !== undefined; first = queue.waiting[0]) {
      if (first.facts.tx.sequence >= nextSequence) break;
      this.#remove(first);
    }
    for (let last = queue.waiting.at(-1); last !== undefined; last = queue.waiting.at(-1)) {
      if (queue.cost <= balance) break;
      this.#remove(last);
    }
  }

  #admit(
    facts: TransactionFacts,
    replaced: Waiting | null,
    nowUs: Micros,
    heldBackFrom: number[],
  ): AdmissionViolation | null {
    const feePerByte = Number(facts.tx.fee) / facts.sizeBytes;
    const entry = { facts, arrival: this.#arrivals, arrivedUs: nowUs, feePerByte, heldBackFrom };
    if (!this.#makeRoom(entry, replaced?.facts.sizeBytes ?? 0))
      return { code: "mempool-full", id: facts.id, fee: facts.tx.fee, sizeBytes: facts.sizeBytes };
    const { sender } = facts.tx;
    if (replaced !== null) this.#remove(replaced);
    this.#arrivals += 1;
    this.#bytes += facts.sizeBytes;
    this.#pool ??= { byId: new Map(), queues: new Map(), tails: null, effects: null, effectCount: 0 };
    if (hasEffects(facts, this.#apps)) this.#pool.effectCount += 1;
    const { byId, queues, tails } = this.#pool;
    byId.set(facts.id, entry);
    const queue = queues.get(sender) ?? new AccountQueue();
    queues.set(sender, queue);
    queue.insert(entry);
    tails?.tailChanged(sender);
    return null;
  }

  #expire(nowUs: Micros): void {
    for (const entry of this.#pool?.byId.values() ?? []) {
      if (entry.arrivedUs > nowUs - EXPIRY_US) return;
      this.#remove(entry);
    }
  }

  /** False, and nothing is changed, if the newcomer's fee does not pay for its room; `bytesGiven` it has from what it replaces. */
  #makeRoom(newcomer: Waiting, bytesGiven: number): boolean {
    const bytesNeeded = this.#bytes + newcomer.facts.sizeBytes - bytesGiven - this.#bytesMax;
    if (bytesNeeded <= 0) return true;
    const pool = this.#pool;
    if (pool === null) return false;
    if (pool.tails !== null && pool.tails.size > STALE_FACTOR_MAX * pool.byId.size) pool.tails = null;
    pool.tails ??= new EvictionQueue(pool.queues);
    const victims = planEviction(pool.tails, newcomer, bytesNeeded);
    for (const victim of victims ?? []) this.#remove(victim);
    return victims !== null;
  }

  #remove(entry: Waiting): void {
    const pool = this.#pool;
    const account = entry.facts.tx.sender;
    const queue = pool?.queues.get(account);
    if (pool === null || queue === undefined) return;
    queue.remove(entry);
    if (queue.waiting.length === 0) pool.queues.delete(account);
    pool.byId.delete(entry.facts.id);
    this.#bytes -= entry.facts.sizeBytes;
    if (hasEffects(entry.facts, this.#apps)) pool.effectCount -= 1;
    if (pool.effectCount === 0) pool.effects = null;
    pool.tails?.tailChanged(account);
    if (pool.byId.size === 0) this.#pool = null;
  }
}

const NONE: readonly Released[] = [];

/** Entries of the eviction queue per waiting transaction beyond which it is made anew: it holds as much again as the pool. */
const STALE_FACTOR_MAX = 2;

interface Pool {
  /** In order of arrival. */
  readonly byId: Map<Hex, Waiting>;
  readonly queues: Map<Hex, AccountQueue>;
  /** Null until the mempool is full for the first time. */
  tails: EvictionQueue | null;
  /** Null while no transaction waits whose application does anything. */
  effects: PendingEffects | null;
  /** How many such wait. */
  effectCount: number;
}
