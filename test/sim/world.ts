import { NodeCrypto } from "../../node/adapters/node-crypto.ts";
import { NO_SIGNATURE, signingBytes } from "../../node/core/chain/transaction-bytes.ts";
import { makeTransactionFacts } from "../../node/core/rules/check-transaction.ts";
import type { TreeFunctions } from "../../node/core/state/block-tree.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import type { Signer } from "../../node/ports/crypto.ts";
import type { Telemetry } from "../../node/ports/telemetry.ts";
import { SimFaults } from "../../runner/backends/sim/sim-faults.ts";
import { SimStore } from "../../runner/backends/sim/sim-store.ts";
import { Simulation } from "../../runner/backends/sim/simulation.ts";
import type { Fault } from "../../runner/plan.ts";
import {
  ACCOUNTS,
  minerAccountsOf,
  type RandomScenario,
  type Step,
  type Submission,
} from "./random-scenario.ts";

const crypto = new NodeCrypto();

export const FUNCTIONS: TreeFunctions = {
  sha256: (bytes) => crypto.sha256(bytes),
  verify: (publicKey, message, signature) => crypto.verify(publicKey, message, signature),
};

export interface WorldParts {
  readonly telemetry: Telemetry;
  readonly store?: SimStore;
  readonly everyAnnouncementAnEvent?: boolean;
}

/** A random scenario under way: the simulation, its stores, and the hand that carries out the steps. */
export class World {
  readonly scenario: RandomScenario;
  readonly simulation: Simulation;
  readonly store: SimStore;
  readonly #faults: SimFaults;
  #submitted = 0;

  constructor(scenario: RandomScenario, parts: WorldParts) {
    const { network, chain } = scenario;
    this.scenario = scenario;
    this.store = parts.store ?? new SimStore(network.nodes.length);
    this.simulation = new Simulation(network, {
      chain,
      functions: FUNCTIONS,
      telemetry: parts.telemetry,
      store: this.store,
      minerAccounts: minerAccountsOf(network.nodes.length),
      mempoolBytesMax: 100_000,
      everyAnnouncementAnEvent: parts.everyAnnouncementAnEvent ?? false,
    });
    this.#faults = new SimFaults(this.simulation, this.store, network);
  }

  /** Runs to each step's time and carries it out; then to the end of the scenario. */
  runSteps(steps: readonly Step[] = this.scenario.steps): void {
    for (const step of steps) {
      this.simulation.runUntil(step.atUs);
      if ("fault" in step) this.apply(step.fault);
      else this.submit(step.submission);
    }
    this.simulation.runUntil(this.scenario.durationUs);
  }

  runFor(durationUs: Micros): void {
    this.simulation.runUntil(this.simulation.nowUs + durationUs);
  }

  apply(fault: Fault): void {
    const { probed, evidence } = this.#faults.apply(fault);
    if (!probed) throw new Error(`${fault.word} did not take: ${evidence}`);
  }

  /** To a node that is down or stands still nothing can be submitted. */
  submit({ node, account, fee, transfer }: Submission): void {
    const { simulation } = this;
    if (!this.isUp(node) || simulation.isPaused(node)) return;
    const signer = ACCOUNTS[account] as Signer;
    const body =
      transfer === null
        ? ({ kind: "post", text: `post ${this.#submitted}` } as const)
        : ({
            kind: "transfer",
            recipient: (ACCOUNTS[transfer.recipient] as Signer).publicKey,
            amount: transfer.amount,
          } as const);
    this.#submitted++;
    const sequence = simulation.host(node).nextSequenceOf(signer.publicKey);
    const unsigned = { body, sender: signer.publicKey, sequence, fee, signature: NO_SIGNATURE };
    const signature = signer.sign(signingBytes(unsigned, simulation.tree.genesis.hash));
    simulation.submit(
      node,
      makeTransactionFacts({ ...unsigned, signature }, simulation.tree.transactionContext),
    );
  }

  isUp(node: number): boolean {
    return this.simulation.transport.up[node] === 1;
  }

  get nodeIndices(): number[] {
    return this.scenario.network.nodes.map(({ index }) => index);
  }
}
