import type { TransactionFacts } from "../core/chain/transaction-facts.ts";
import type { Block, Hex } from "../core/chain/types.ts";
import { type BlockTemplate, buildTemplate } from "../core/consensus/block-template.ts";
import { NodeMachine } from "../core/machine/node-machine.ts";
import type { Protocol } from "../core/machine/protocol.ts";
import { checkFuture } from "../core/rules/check-header.ts";
import type { Violation } from "../core/rules/violation.ts";
import { HELD, REQUESTED } from "../core/state/belief-columns.ts";
import type { BlockEntry } from "../core/state/block-entry.ts";
import type { Message } from "../core/state/messages.ts";
import { type Micros, toWholeMs } from "../core/support/micros.ts";
import type { LinkIndex } from "../core/sync/node-port.ts";
import type { HostPorts } from "./host-port.ts";

/** What became of a block that somebody handed in; `reason` is the code of a rule, or `unknown-parent`, or `not-better`. */
export type OfferOutcome =
  | { readonly held: BlockEntry; readonly reason: null }
  | { readonly held: null; readonly reason: string };

export interface HostSettings {
  readonly view: number;
  /** Public key of the account that this node's blocks reward. */
  readonly minerAccount: Hex;
}

/**
 * One node between its ports: events of the ports go into the protocol, and so does what its operator and its miner do; what the
 * protocol wants goes out through `HostPort`. The same file live and simulated. Synchronous; the caller hands in the time, which never goes back.
 */
export class Host {
  readonly view: number;
  readonly minerAccount: Hex;
  readonly machine: NodeMachine;
  readonly #ports: HostPorts;

  constructor(protocol: Protocol, ports: HostPorts, settings: HostSettings) {
    this.view = settings.view;
    this.minerAccount = settings.minerAccount;
    this.#ports = ports;
    this.machine = new NodeMachine(protocol, settings.view);
  }

  // Events of the ports.

  deliver(link: LinkIndex, message: Message, nowUs: Micros): void {
    this.machine.onMessage(link, message, nowUs);
  }

  linkUp(link: LinkIndex, nowUs: Micros): void {
    this.machine.linkUp(link, nowUs);
  }

  linkDown(link: LinkIndex, nowUs: Micros): void {
    this.machine.linkDown(link, nowUs);
  }

  wake(nowUs: Micros): void {
    this.machine.wake(nowUs);
  }

  /** A message that could not be made sense of: it broke a rule before the protocol saw it. */
  badMessage(link: LinkIndex, hash: Hex, violation: Violation, nowUs: Micros): void {
    this.#ports.telemetry.blockRefused(this.view, hash, violation, link, nowUs);
    this.#ports.transport.disconnect(this.view, link, violation.code);
    // What stood before it in the same message may have entered many headers.
    this.machine.boundHeaders(nowUs);
  }

  /** Whether the body of a block is worth the price of its signatures: it was asked for, or would be. */
  needsBody(block: BlockEntry): boolean {
    const status = block.beliefs.status[this.view] as number;
    return status === REQUESTED || (status < REQUESTED && block.chainWork >= this.machine.tip.chainWork);
  }

  /** The same of a transaction: the mempool has no other reason against it. */
  needsTransaction(facts: TransactionFacts, nowUs: Micros): boolean {
    const { mempool, tree, tip } = this.machine;
    return mempool.refusalOf(facts, tree.ledgerAfter(tip), nowUs) === null;
  }

  /** What the next block would be now, but for its nonce. */
  template(nowUs: Micros): BlockTemplate {
    return buildTemplate(this.machine.tree, this.machine.tip, this.machine.mempool, this.minerAccount, nowUs);
  }

  /** The miner found a nonce. Null when the block joined the chain, or what is wrong with it: a bug of the miner's. */
  sealed(template: BlockTemplate, nonce: bigint, nowUs: Micros): Violation | null {
    const { tree } = this.machine;
    const entered = tree.enterMined({ ...template.header, nonce }, template.transactions);
    if (!entered.ok) return entered.violation;
    if (entered.block.heldCount > 0) return null;
    this.#ports.telemetry.blockMined(this.view, entered.block, nowUs);
    return this.machine.mined(entered.block, nowUs);
  }

  /** A block that somebody who is no peer hands in: held, when it stands on a block that is held and is better than the tip, or why not. */
  offered({ header, transactions }: Block, nowUs: Micros): OfferOutcome {
    const { tree, tip } = this.machine;
    const future = checkFuture(header, toWholeMs(nowUs), tree.parameters);
    if (future !== null) return { held: null, reason: future.code };
    const parent = tree.get(header.parentHash);
    if (parent?.beliefs.status[this.view] !== HELD) return { held: null, reason: "unknown-parent" };
    const entered = tree.enterHeader(header);
    if (!entered.ok) return { held: null, reason: entered.violation.code };
    const { block } = entered;
    if (block.beliefs.status[this.view] === HELD) return { held: block, reason: null };
    // What is not better is kept by nobody: see `HeaderIntake.isWorthBody`.
    const isBetter = block.chainWork > tip.chainWork;
    const facts = transactions.map((tx) => tree.transactions.factsOf(tx));
    const violation = isBetter ? (tree.attachBody(block, facts) ?? this.machine.mined(block, nowUs)) : null;
    this.machine.boundHeaders(nowUs);
    if (!isBetter) return { held: null, reason: "not-better" };
    if (violation !== null) return { held: null, reason: violation.code };
    this.#ports.telemetry.blockReceived(this.view, block, nowUs);
    return { held: block, reason: null };
  }

  /** A transaction from a user of this node. Null when it waits for a block now, or why it does not. */
  submit(facts: TransactionFacts, nowUs: Micros): Violation | null {
    const violation = this.machine.submit(facts, nowUs);
    this.#ports.telemetry.transactionSubmitted(this.view, facts, violation, nowUs);
    return violation;
  }

  /** The sequence number that an account's next transaction needs here, after what waits. */
  nextSequenceOf(account: Hex): number {
    const { mempool, tree, tip } = this.machine;
    return mempool.nextSequenceOf(account, tree.ledgerAfter(tip));
  }

  /** A held block as it is to be shown to a user; null if its body is damaged on this node's disk: then it is fetched again. */
  bodyOf(block: BlockEntry, nowUs: Micros): readonly TransactionFacts[] | null {
    const transactions = this.machine.tree.bodyOf(block);
    if (transactions === null) this.machine.lost(block, nowUs);
    return transactions;
  }

  /** The same as it was stored, for a peer. */
  storedBytes(block: BlockEntry, nowUs: Micros): Uint8Array | null {
    const bytes = this.machine.tree.storedBytes(block);
    if (bytes === null) this.machine.lost(block, nowUs);
    return bytes;
  }

  /** Starts the miner; to be called once, when the ports are ready. */
  start(): void {
    this.#ports.miner.tipChanged(this.view, this.machine.tip);
  }
}
