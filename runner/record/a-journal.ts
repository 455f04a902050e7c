import type { Hex } from "../../node/core/chain/types.ts";
import { invariant } from "../../node/core/support/invariant.ts";
import type { RunPlan } from "../plan.ts";
import { Journal, type RecordedRun } from "./journal.ts";
import type { BlockMined, FaultApplied, NodeChanged, NodeSampled, RunEvent } from "./run-event.ts";

/** What the first blocks of a built journal build on. */
export const GENESIS: Hex = "00";

/** Builds journals for tests, in milliseconds and short names: `aJournal().mine(0, 10, "a").receive(1, 15, "a")`. */
export function aJournal(): JournalBuilder {
  return new JournalBuilder();
}

export class JournalBuilder {
  readonly #events: RunEvent[] = [];
  readonly #blocks = new Map<Hex, BlockMined>();
  readonly #tips = new Map<number, Hex>();

  /** A block on `parent`, and the miner's tip moves to it if that is a change to a higher one. */
  mine(node: number, atMs: number, hash: Hex, parent: Hex = GENESIS, fields: Partial<BlockMined> = {}): this {
    const height = parent === GENESIS ? 1 : (this.#blocks.get(parent)?.height ?? 0) + 1;
    const block: BlockMined = {
      type: "block-mined",
      atUs: microsOf(atMs),
      node,
      hash,
      parentHash: parent,
      height,
      timeMs: Math.floor(atMs),
      work: 1_000n,
      sizeBytes: 200,
      transactionIds: [],
      ...fields,
    };
    this.#blocks.set(hash, block);
    this.#events.push(block);
    return this.tip(node, atMs, hash);
  }

  receive(node: number, atMs: number, hash: Hex): this {
    return this.event({ type: "block-received", atUs: microsOf(atMs), node, hash });
  }

  /** Nothing is recorded if the node has this tip already. */
  tip(node: number, atMs: number, hash: Hex): this {
    const previousHash = this.#tips.get(node) ?? GENESIS;
    if (previousHash === hash) return this;
    this.#tips.set(node, hash);
    const before = this.#chain(previousHash);
    const after = this.#chain(hash);
    return this.event({
      type: "tip-changed",
      atUs: microsOf(atMs),
      node,
      hash,
      previousHash,
      height: after.length,
      disconnected: before.filter((each) => !after.includes(each)).length,
      connected: after.filter((each) => !before.includes(each)).length,
    });
  }

  /** Received and made the tip at once. */
  adopt(node: number, atMs: number, hash: Hex): this {
    return this.receive(node, atMs, hash).tip(node, atMs, hash);
  }

  submit(
    node: number,
    atMs: number,
    id: Hex,
    outcome: "accepted" | "refused" | "unknown" = "accepted",
  ): this {
    const atUs = microsOf(atMs);
    this.event({
      type: "transaction-submitted",
      atUs,
      node,
      id,
      kind: "transfer",
      fee: 1n,
      plannedAtUs: atUs,
    });
    const code = outcome === "accepted" ? "" : `code-${outcome}`;
    return this.event({ type: "transaction-settled", atUs: atUs + 500, node, id, outcome, code });
  }

  change(node: number, atMs: number, state: NodeChanged["state"]): this {
    return this.event({ type: "node-changed", atUs: microsOf(atMs), node, state });
  }

  fault(atMs: number, word: string, fields: Partial<FaultApplied> = {}): this {
    const atUs = microsOf(atMs);
    const times = { atUs, plannedAtUs: atUs, appliedAtUs: atUs };
    return this.event({
      type: "fault-applied",
      fault: 0,
      word,
      description: `${word} at ${atMs}ms`,
      probed: true,
      evidence: "seen",
      ...times,
      ...fields,
    });
  }

  sample(node: number, atMs: number, fields: Partial<NodeSampled> = {}): this {
    return this.event({ ...EMPTY_SAMPLE, atUs: microsOf(atMs), node, ...fields });
  }

  event(event: RunEvent): this {
    this.#events.push(event);
    return this;
  }

  build(): RecordedRun {
    const journal = new Journal();
    for (const event of this.#events) journal.append(event);
    return journal.finish();
  }

  #chain(hash: Hex): Hex[] {
    const chain: Hex[] = [];
    for (let at = hash; at !== GENESIS; ) {
      const block = this.#blocks.get(at);
      invariant(block !== undefined, `${at} was never mined`);
      chain.push(at);
      at = block.parentHash;
    }
    return chain;
  }
}

/** Fractions of a millisecond are allowed, and whole microseconds come out. */
function microsOf(atMs: number): number {
  return Math.round(atMs * 1_000);
}

const EMPTY_SAMPLE: NodeSampled = {
  type: "node-sampled",
  atUs: 0,
  node: 0,
  height: null,
  tipHash: null,
  mempoolCount: null,
  mempoolBytes: null,
  peerCount: null,
  hashesPerSecAsked: null,
  hashesPerSecAchieved: null,
  eventLoopLagMsP99: null,
  residentBytes: null,
  cpuRatio: null,
  sentMessages: null,
  sentBytes: null,
};

/** A plan for tests: two nodes, ten seconds, one confirmation, no load and no faults. */
export function aPlan(fields: Partial<RunPlan> = {}, nodeCount = 2): RunPlan {
  return {
    name: "example",
    seed: "1",
    durationUs: 10_000_000,
    warmUpUs: 0,
    nodes: Array.from({ length: nodeCount }, (_, index) => ({
      index,
      name: `node-${index}`,
      hashesPerSec: 1_000,
    })),
    edges: [],
    uplinkBitsPerSec: null,
    lossRatio: 0,
    blockPaddingBytes: 0,
    enforce: "node",
    chain: {
      name: "example",
      seal: null,
      initialCompactTarget: 0x1f_00_ff_ff,
      difficultyRule: { kind: "fixed" },
      blockReward: 50n,
      blockBytesMax: 1_000_000,
      futureLimitMs: 7_200_000,
    },
    relay: "announce",
    confirmations: 1,
    load: [],
    accounts: [],
    timeline: [],
    expectations: [],
    ...fields,
  };
}
