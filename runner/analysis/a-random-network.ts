import { Journal, type RecordedRun } from "../record/journal.ts";

/** A network for tests: every miner hears every other after one fixed delay, and takes the higher chain, first seen among equals. */
export interface RandomNetwork {
  /** Relative hash power by node. */
  readonly powers: readonly number[];
  readonly intervalUs: number;
  readonly delayUs: number;
  readonly blockCount: number;
  readonly seed: number;
}

interface Tip {
  readonly hash: string;
  readonly height: number;
}

/**
 * Mines and delivers in order of time. Written as naively as can be, and with nothing of the runner's: the figures of
 * its journals are compared with closed forms, so it may share no mistake with what computes them.
 */
export function aRandomNetwork(network: RandomNetwork): RecordedRun {
  const { powers, intervalUs, delayUs, blockCount, seed } = network;
  const random = randomFrom(seed);
  const journal = new Journal();
  const parents = new Map<string, string>();
  const tips: Tip[] = powers.map(() => ({ hash: "00", height: 0 }));
  const arrivals: { atUs: number; node: number; block: Tip }[] = [];

  const adopt = (node: number, block: Tip, atUs: number) => {
    const before = tips[node] ?? { hash: "00", height: 0 };
    if (block.height <= before.height) return;
    // Most blocks extend the tip; walking both chains for each of them would take most of a test's time.
    const extendsTip = parents.get(block.hash) === before.hash;
    const old = extendsTip ? [] : chainOf(before.hash, parents);
    const fresh = extendsTip ? [block.hash] : chainOf(block.hash, parents);
    journal.append({
      type: "tip-changed",
      atUs,
      node,
      hash: block.hash,
      previousHash: before.hash,
      height: block.height,
      disconnected: old.filter((hash) => !fresh.includes(hash)).length,
      connected: fresh.filter((hash) => !old.includes(hash)).length,
    });
    tips[node] = block;
  };
  const deliverUntil = (untilUs: number) => {
    for (let next = arrivals[0]; next !== undefined && next.atUs <= untilUs; next = arrivals[0]) {
      arrivals.shift();
      journal.append({ type: "block-received", atUs: next.atUs, node: next.node, hash: next.block.hash });
      adopt(next.node, next.block, next.atUs);
    }
  };

  let atUs = 0;
  for (let i = 1; i <= blockCount; i++) {
    atUs += Math.max(1, Math.round(-intervalUs * Math.log(1 - random())));
    deliverUntil(atUs);
    const node = drawMiner(powers, random());
    const parent = tips[node] ?? { hash: "00", height: 0 };
    const block = { hash: i.toString(16).padStart(64, "0"), height: parent.height + 1 };
    parents.set(block.hash, parent.hash);
    journal.append({
      type: "block-mined",
      atUs,
      node,
      hash: block.hash,
      parentHash: parent.hash,
      height: block.height,
      timeMs: Math.floor(atUs / 1_000),
      work: 1n,
      sizeBytes: 200,
      transactionIds: [],
    });
    adopt(node, block, atUs);
    for (let other = 0; other < powers.length; other++)
      if (other !== node) arrivals.push({ atUs: atUs + delayUs, node: other, block });
  }
  deliverUntil(Number.POSITIVE_INFINITY);
  return journal.finish();
}

/** A node, with a chance that is its share of the power. */
function drawMiner(powers: readonly number[], uniform: number): number {
  let left = uniform * powers.reduce((sum, power) => sum + power, 0);
  for (let node = 0; node < powers.length; node++) {
    left -= powers[node] ?? 0;
    if (left < 0) return node;
  }
  return powers.length - 1;
}

/** The last blocks of a chain: no reorganisation of these networks is deeper. */
const CHAIN_BLOCKS_MAX = 60;

function chainOf(tip: string, parents: ReadonlyMap<string, string>): string[] {
  const chain: string[] = [];
  for (
    let at: string | undefined = tip;
    at !== undefined && at !== "00" && chain.length < CHAIN_BLOCKS_MAX;
  ) {
    chain.push(at);
    at = parents.get(at);
  }
  return chain;
}

/** Mulberry32: enough for a test, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
