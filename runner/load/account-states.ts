import { invariant } from "../../node/core/support/invariant.ts";
import { MICROS_PER_SEC, type Micros } from "../../node/core/support/micros.ts";
import type { PlannedAccount } from "../plan.ts";

/** After an account's node could not say which sequence number is next. Long enough not to hammer a node that is going under. */
export const ASK_AGAIN_AFTER_US: Micros = MICROS_PER_SEC;

/** How many accounts of a node are looked at for a free one: beyond it the node is so far behind that waiting is right. */
const SCAN_MAX = 64;

/**
 * `free`: the next sequence number is known and nothing is under way. `busy`: a submission or a question is.
 * `unsure`: nothing is under way, and the node has to be asked for the sequence number first.
 */
type AccountState = "free" | "busy" | "unsure";

interface Account {
  readonly node: number;
  state: AccountState;
  nextSequence: number;
  /** When `unsure`: not to be asked about before. */
  askFromUs: Micros;
}

/** What a load knows about its accounts: which of them may submit, and with which sequence number. */
export class AccountStates {
  readonly #accounts: Account[];
  /** By node. */
  readonly #byNode: number[][] = [];
  /** By node: where the search for a free account goes on, so that all take turns. */
  readonly #cursors: number[] = [];

  constructor(planned: readonly PlannedAccount[]) {
    this.#accounts = planned.map(({ node }) => ({ node, state: "free", nextSequence: 0, askFromUs: 0 }));
    for (const [index, { node }] of planned.entries()) {
      const accounts = this.#byNode[node] ?? [];
      accounts.push(index);
      this.#byNode[node] = accounts;
    }
  }

  nodeOf(account: number): number {
    return this.#at(account).node;
  }

  /** The account that the plan names, or another free one of its node; null when there is none. Prefers one that is not `avoided`. */
  chooseFree(wanted: number, avoided: number | null): number | null {
    if (this.#at(wanted).state === "free") return wanted;
    const node = this.nodeOf(wanted);
    const candidates = this.#byNode[node] ?? [];
    const cursor = this.#cursors[node] ?? 0;
    let fallback: number | null = null;
    for (let step = 0; step < Math.min(candidates.length, SCAN_MAX); step++) {
      const candidate = candidates[(cursor + step) % candidates.length];
      if (candidate === undefined || this.#at(candidate).state !== "free") continue;
      this.#cursors[node] = (cursor + step + 1) % candidates.length;
      if (candidate !== avoided) return candidate;
      fallback = candidate;
    }
    return fallback;
  }

  /** Accounts of the node that have to be asked about, and may be now; at most `SCAN_MAX`. */
  toAsk(node: number, nowUs: Micros): number[] {
    const due: number[] = [];
    for (const account of this.#byNode[node] ?? []) {
      const { state, askFromUs } = this.#at(account);
      if (state === "unsure" && askFromUs <= nowUs) due.push(account);
      if (due.length === SCAN_MAX) break;
    }
    return due;
  }

  /** Takes the account for one submission or question; the sequence number is for the submission. */
  occupy(account: number): number {
    const entry = this.#at(account);
    invariant(entry.state !== "busy", `account ${account} is busy already`);
    entry.state = "busy";
    return entry.nextSequence;
  }

  /** The submission was accepted (`used`) or certainly not (`!used`). */
  settled(account: number, used: boolean): void {
    const entry = this.#at(account);
    if (used) entry.nextSequence += 1;
    entry.state = "free";
  }

  /** Nobody can say what the next sequence number is without asking, from `askFromUs` on. */
  unsure(account: number, askFromUs: Micros): void {
    const entry = this.#at(account);
    entry.state = "unsure";
    entry.askFromUs = askFromUs;
  }

  /** The node's answer. */
  told(account: number, nextSequence: number): void {
    const entry = this.#at(account);
    entry.nextSequence = nextSequence;
    entry.state = "free";
  }

  /** The node lost its memory: what waited in its mempool may be gone. What is under way ends as it ends. */
  nodeForgot(node: number, nowUs: Micros): void {
    for (const account of this.#byNode[node] ?? [])
      if (this.#at(account).state !== "busy") this.unsure(account, nowUs);
  }

  #at(account: number): Account {
    const entry = this.#accounts[account];
    invariant(entry !== undefined, `the plan has no account ${account}`);
    return entry;
  }
}
