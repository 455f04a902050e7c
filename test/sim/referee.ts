import type { Hex } from "../../node/core/chain/types.ts";
import { HELD } from "../../node/core/state/belief-columns.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import type { Message } from "../../node/core/state/messages.ts";
import type { Telemetry } from "../../node/ports/telemetry.ts";
import type { Simulation } from "../../runner/backends/sim/simulation.ts";
import { NaiveChain } from "./naive-chain.ts";
import type { RandomScenario } from "./random-scenario.ts";
import { FUNCTIONS } from "./world.ts";

/** One mistake mostly brings others with it; the first are the ones to look at. */
const FINDINGS_MAX = 10;

/**
 * Watches a simulation for what must never happen, whatever faults there are: a node that holds an invalid block, takes a worse
 * tip, miscounts coins, refuses an honest block, speaks of a block that it has not stored, or has lost one after a restart.
 * Judges by a `NaiveChain` of its own, and hears of stored blocks by itself.
 */
export class Referee implements Telemetry {
  readonly findings: string[] = [];
  /** By node: what it stored, and so may never lose. */
  readonly #stored: Set<Hex>[];
  readonly #mined: Set<Hex>[];
  readonly #countedTips = new Set<Hex>();
  readonly #mayLack = new Map<number, (block: BlockEntry) => boolean>();
  readonly #scenario: RandomScenario;
  #simulation: Simulation | null = null;
  #chain: NaiveChain | null = null;

  constructor(scenario: RandomScenario) {
    this.#scenario = scenario;
    this.#stored = scenario.network.nodes.map(() => new Set());
    this.#mined = scenario.network.nodes.map(() => new Set());
  }

  /** To be called before anything happens: from here on it hears what nodes say. */
  watch(simulation: Simulation): void {
    this.#simulation = simulation;
    this.#chain = new NaiveChain(this.#scenario.chain, simulation.tree.genesis, FUNCTIONS);
    for (const stored of this.#stored) stored.add(simulation.tree.genesis.hash);
    const { transport } = simulation;
    const send = transport.send.bind(transport);
    transport.send = (view, link, message) => {
      this.#heard(view, message);
      send(view, link, message);
    };
    const sendToMany = transport.sendToMany.bind(transport);
    transport.sendToMany = (view, firstLink, linkBits, message) => {
      this.#heard(view, message);
      sendToMany(view, firstLink, linkBits, message);
    };
  }

  /** The node has handed the block to its store. */
  stored(view: number, block: BlockEntry): void {
    const stored = this.#storedBy(view);
    if (!stored.has(block.header.parentHash)) this.#find(view, `holds ${named(block)} without its parent`);
    if (stored.has(block.hash) && !this.#isExcused(view, block.hash))
      this.#find(view, `stores ${named(block)} twice`);
    stored.add(block.hash);
    const fault = this.#chain?.judge(block) ?? null;
    if (fault !== null) this.#find(view, `holds the invalid block ${named(block)}: ${fault}`);
  }

  /** The process died while it stored the block, so it never told anyone. */
  interrupted(view: number, block: BlockEntry): void {
    if (!this.#storedBy(view).has(block.hash)) this.#mined[view]?.delete(block.hash);
  }

  /** A start found the block on its disk, whole, whether or not the write was ever acknowledged. */
  foundOnDisk(view: number, block: BlockEntry): void {
    this.#storedBy(view).add(block.hash);
  }

  /** Since its last start the node may be without these blocks, because its disk rotted. */
  excuse(view: number, mayLack: (block: BlockEntry) => boolean): void {
    this.#mayLack.set(view, mayLack);
  }

  /** The node's chain has a block that it does not hold. */
  lacks(view: number, block: BlockEntry): void {
    this.#find(view, `does not hold ${named(block)} of its own chain`);
  }

  blockMined(view: number, block: BlockEntry): void {
    this.#mined[view]?.add(block.hash);
  }

  blockReceived(view: number, block: BlockEntry): void {
    if (!this.#storedBy(view).has(block.hash))
      this.#find(view, `tells of ${named(block)} before it is stored`);
  }

  /** Every block here was made by an honest node. */
  blockRefused(view: number, hash: Hex, violation: { readonly code: string }): void {
    this.#find(view, `refuses the honest block ${hash}: ${violation.code}`);
  }

  tipChanged(view: number, tip: BlockEntry, previous: BlockEntry): void {
    if (!this.#storedBy(view).has(tip.hash))
      this.#find(view, `has the tip ${named(tip)} and does not hold it`);
    if (this.#workOf(tip) <= this.#workOf(previous))
      this.#find(view, `leaves ${named(previous)} for ${named(tip)}, which has no more work`);
    this.#countCoins(view, tip);
  }

  noticed(): void {
    // A node may do so to protect itself, as long as it holds what it must.
  }

  transactionSubmitted(): void {
    // Refusals are what many of these transactions deserve.
  }

  /** After a restart, and at the end. */
  checkNothingLost(view: number): void {
    const { tree } = this.#network();
    for (const hash of this.#storedBy(view))
      if (tree.get(hash)?.beliefs.status[view] !== HELD && !this.#isExcused(view, hash))
        this.#find(view, `has lost the stored block ${hash}`);
    for (const hash of this.#mined[view] ?? [])
      if (!this.#storedBy(view).has(hash)) this.#find(view, `has not stored its own block ${hash}`);
  }

  /** The work of a node's tip, by the referee's own count. */
  tipWork(view: number): bigint {
    return this.#workOf(this.#network().host(view).machine.tip);
  }

  /** Everyone's ledger once more in the end, when old ones have been let go and are found again. */
  checkAllLedgers(): void {
    this.#countedTips.clear();
    const { hosts, tree } = this.#network();
    for (const { view, machine } of hosts)
      for (let at: BlockEntry | null = machine.tip; at !== null; at = at.parent) {
        if (tree.get(at.hash) !== at) this.#find(view, `${named(at)} is not in the tree`);
        this.#countCoins(view, at);
      }
  }

  /** Whether the node may have come back with less than this tip. */
  mayLack(view: number, tip: BlockEntry): boolean {
    return this.#isExcused(view, tip.hash);
  }

  #isExcused(view: number, hash: Hex): boolean {
    const block = this.#network().tree.get(hash);
    return block !== null && this.#mayLack.get(view)?.(block) === true;
  }

  #countCoins(view: number, tip: BlockEntry): void {
    if (this.#chain === null || this.#countedTips.has(tip.hash) || this.#chain.judge(tip) !== null) return;
    this.#countedTips.add(tip.hash);
    const { tree } = this.#network();
    const ledger = tree.ledgerAfter(tip);
    const { balances, sequences } = this.#chain.after(tip.hash);
    let sum = 0n;
    for (const account of ledger.index.accounts) {
      const { balance, nextSequence } = ledger.accountOf(account);
      sum += balance;
      const expected = balances.get(account) ?? 0n;
      const expectedSequence = sequences.get(account) ?? 0;
      if (balance !== expected || nextSequence !== expectedSequence)
        this.#find(
          view,
          `after ${named(tip)} gives ${account.slice(0, 8)} ${balance} coins and sequence ${nextSequence}, not ${expected} and ${expectedSequence}`,
        );
    }
    for (const [account, balance] of balances)
      if (balance !== 0n && ledger.index.find(account) === undefined)
        this.#find(
          view,
          `after ${named(tip)} knows nothing of the ${balance} coins of ${account.slice(0, 8)}`,
        );
    const issued = this.#chain.issuedCoins(tip.header.height);
    if (sum !== issued) this.#find(view, `after ${named(tip)} counts ${sum} coins of ${issued}`);
  }

  #heard(view: number, message: Message): void {
    const told =
      message.kind === "announce" || message.kind === "block"
        ? [message.block]
        : message.kind === "headers"
          ? message.blocks
          : [];
    for (const block of told)
      if (!this.#storedBy(view).has(block.hash))
        this.#find(view, `speaks of ${named(block)}, which it has not stored`);
  }

  #workOf(block: BlockEntry): bigint {
    return this.#chain === null || this.#chain.judge(block) !== null
      ? 0n
      : this.#chain.after(block.hash).work;
  }

  #storedBy(view: number): Set<Hex> {
    return this.#stored[view] as Set<Hex>;
  }

  #network(): Simulation {
    if (this.#simulation === null) throw new Error("the referee watches nothing yet");
    return this.#simulation;
  }

  #find(view: number, text: string): void {
    if (this.findings.length >= FINDINGS_MAX) return;
    const atUs = this.#simulation?.nowUs ?? 0;
    this.findings.push(`at ${atUs} us node-${view} ${text}`);
  }
}

/** Enough of a block to find it in a log. */
export function named(block: BlockEntry): string {
  return `${block.hash.slice(0, 8)}@${block.header.height}`;
}
