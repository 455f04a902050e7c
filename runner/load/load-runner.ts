import { NodeCrypto } from "../../node/adapters/node-crypto.ts";
import { encodeTransaction, NO_SIGNATURE, signingBytes } from "../../node/core/chain/transaction-bytes.ts";
import type { Hex, Transaction, TransactionBody } from "../../node/core/chain/types.ts";
import { invariant } from "../../node/core/support/invariant.ts";
import { MICROS_PER_SEC, type Micros } from "../../node/core/support/micros.ts";
import type { Backend, SubmitAnswer } from "../backends/backend.ts";
import type { PlannedAccount, PlannedTransaction } from "../plan.ts";
import type { RunEvent } from "../record/run-event.ts";
import type { AccountKeys } from "./account-keys.ts";
import { AccountStates, ASK_AGAIN_AFTER_US } from "./account-states.ts";

/** Answers that one node may owe at a time: more would wait in the runner's own sockets and be taken for the node's slowness. */
export const IN_FLIGHT_MAX = 64;

/** Transactions that may wait for a free account of a node; 10 s of 100 a second. What comes on top is shed. */
export const WAITING_MAX = 1_000;

/** What could not be handed over this long after its time is shed: it would measure the backlog and nothing else. */
export const LATE_MAX_US: Micros = 5 * MICROS_PER_SEC;

/** Refusals after which the node is asked for the account's sequence number: our count is not the node's. */
const SEQUENCE_CODES: ReadonlySet<string> = new Set([
  "bad-sequence",
  "sequence-taken",
  "sequence-too-far",
  "already-known",
]);

export type LoadPort = Pick<Backend, "nowUs" | "submit" | "askSequence">;

/** Of a plan, what a load concerns; of the nodes, how many there are. */
export interface LoadPlan {
  readonly accounts: readonly PlannedAccount[];
  readonly nodes: readonly unknown[];
}

/**
 * Hands planned transactions to their nodes, signed, in an open loop: it never waits for an answer to keep the rate. The transactions of one
 * account are serial, because a sequence number is used up only by a node that took it; when an account is busy another
 * one of its node steps in, and when none is free the transaction waits and is late, or is shed. The same for every backend.
 */
export class LoadRunner {
  readonly #port: LoadPort;
  readonly #genesisHash: Hex;
  readonly #keys: AccountKeys;
  readonly #emit: (event: RunEvent) => void;
  readonly #states: AccountStates;
  readonly #crypto = new NodeCrypto();
  /** By node. */
  readonly #inFlight: number[];
  /** By node, in the order of the plan. */
  readonly #waiting: PlannedTransaction[][];
  #shedCount = 0;
  #isDraining = false;

  constructor(
    plan: LoadPlan,
    port: LoadPort,
    chain: { readonly genesisHash: Hex; readonly keys: AccountKeys },
    emit: (event: RunEvent) => void,
  ) {
    this.#port = port;
    this.#genesisHash = chain.genesisHash;
    this.#keys = chain.keys;
    this.#emit = emit;
    this.#states = new AccountStates(plan.accounts);
    this.#inFlight = plan.nodes.map(() => 0);
    this.#waiting = plan.nodes.map(() => []);
  }

  /** Planned and due, and never handed over. Final once the run is over. */
  get shedCount(): number {
    return this.#waiting.reduce((sum, queue) => sum + queue.length, this.#shedCount);
  }

  /** The transaction's time has come. */
  due(planned: PlannedTransaction): void {
    const node = this.#states.nodeOf(planned.account);
    const queue = this.#queueOf(node);
    if (queue.length >= WAITING_MAX) this.#shedCount += 1;
    else queue.push(planned);
    this.#drain(node);
  }

  /** The node lost what was in its memory, as a crash does: its accounts ask it before they go on. */
  nodeForgot(node: number): void {
    this.#states.nodeForgot(node, this.#port.nowUs());
  }

  /** Answers that come from inside a call of this loop are seen by the loop itself. */
  #drain(node: number): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#drainQueue(this.#queueOf(node), node);
    this.#isDraining = false;
  }

  #drainQueue(queue: PlannedTransaction[], node: number): void {
    for (let planned = queue[0]; planned !== undefined; planned = queue[0]) {
      if (this.#port.nowUs() - planned.atUs > LATE_MAX_US) {
        queue.shift();
        this.#shedCount += 1;
        continue;
      }
      if ((this.#inFlight[node] ?? 0) >= IN_FLIGHT_MAX) return;
      const { body } = planned;
      const recipient = body.kind === "transfer" ? body.recipient : null;
      let account = this.#states.chooseFree(planned.account, recipient);
      if (account === null) {
        this.#askAll(node);
        // With a virtual clock the answers are there already.
        account = this.#states.chooseFree(planned.account, recipient);
        if (account === null) return;
      }
      queue.shift();
      this.#submit(planned, account, node);
    }
  }

  #submit(planned: PlannedTransaction, account: number, node: number): void {
    const sequence = this.#states.occupy(account);
    const tx = this.#sign(planned, account, sequence);
    const id = this.#crypto.sha256(encodeTransaction(tx));
    const atUs = this.#port.nowUs();
    const { fee, atUs: plannedAtUs } = planned;
    this.#emit({
      type: "transaction-submitted",
      atUs,
      node,
      id,
      kind: planned.body.kind,
      fee,
      plannedAtUs,
    });
    this.#inFlight[node] = (this.#inFlight[node] ?? 0) + 1;
    this.#port.submit(node, tx, (answer) => this.#answered(node, account, id, answer));
  }

  #answered(node: number, account: number, id: Hex, answer: SubmitAnswer): void {
    const atUs = this.#port.nowUs();
    this.#inFlight[node] = (this.#inFlight[node] ?? 1) - 1;
    this.#emit({ type: "transaction-settled", atUs, node, id, ...answer });
    if (answer.outcome === "unknown" || SEQUENCE_CODES.has(answer.code)) this.#states.unsure(account, atUs);
    else this.#states.settled(account, answer.outcome === "accepted");
    this.#drain(node);
  }

  #askAll(node: number): void {
    for (const account of this.#states.toAsk(node, this.#port.nowUs())) {
      this.#states.occupy(account);
      this.#port.askSequence(node, this.#keys.publicKeyOf(account), (nextSequence) => {
        if (nextSequence === null) this.#states.unsure(account, this.#port.nowUs() + ASK_AGAIN_AFTER_US);
        else this.#states.told(account, nextSequence);
        this.#drain(node);
      });
    }
  }

  #sign(planned: PlannedTransaction, account: number, sequence: number): Transaction {
    const signer = this.#keys.signerOf(account);
    const unsigned = {
      body: this.#bodyOf(planned),
      sender: signer.publicKey,
      sequence,
      fee: planned.fee,
      signature: NO_SIGNATURE,
    };
    return { ...unsigned, signature: signer.sign(signingBytes(unsigned, this.#genesisHash)) };
  }

  #bodyOf({ body }: PlannedTransaction): TransactionBody {
    if (body.kind === "post") return body;
    return { kind: "transfer", recipient: this.#keys.publicKeyOf(body.recipient), amount: body.amount };
  }

  #queueOf(node: number): PlannedTransaction[] {
    const queue = this.#waiting[node];
    invariant(queue !== undefined, `the plan has no node ${node}`);
    return queue;
  }
}
