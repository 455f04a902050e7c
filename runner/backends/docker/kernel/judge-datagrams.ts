import { ratioText } from "../../../analysis/figure-text.ts";
import { countText, type Evidence, NOT_MEASURED, shortList } from "../../../faults/evidence.ts";

/** Datagrams over one link of which each may be lost. */
export interface LossCount {
  readonly link: string;
  readonly askedRatio: number;
  readonly sentCount: number;
  readonly lostCount: number;
}

/** What chance does more rarely than this is no chance: it is asked seven times for each fault. */
const CHANCE_MIN = 1e-6;

/** So rarely none at all may be lost that the share counts as seen. */
const TELLING_CHANCE = 1e-3;

/** What a busy machine may lose besides, as a share. */
const MACHINE_RATIO = 0.000_5;

/** Whether links lose the share that was asked, by counting: each link by all of its own datagrams, and all links together. One fault asks one share. */
export function judgeLossCounts(counts: readonly LossCount[]): Evidence {
  const [first] = counts;
  if (first === undefined) return NOT_MEASURED;
  const ratio = first.askedRatio;
  const sentCount = counts.reduce((sum, each) => sum + each.sentCount, 0);
  const lostCount = counts.reduce((sum, each) => sum + each.lostCount, 0);
  const links = countText(counts.length, counts.length, "link");
  const evidence = `${lostCount} of ${sentCount} datagrams lost on ${links}, ${(sentCount * ratio).toFixed(1)} due`;
  const wrong = counts.filter((each) => !isBelieved(each));
  const told = wrong.map((each) => `${each.link} ${ratioText(each.lostCount / each.sentCount)}`);
  if (wrong.length > 0) return { probed: false, evidence: `${evidence}: ${shortList(told)}` };
  if (!isBelieved({ askedRatio: ratio, sentCount, lostCount })) return { probed: false, evidence };
  const isTelling = ratio === 0 || (1 - ratio) ** sentCount < TELLING_CHANCE;
  return { probed: isTelling ? true : null, evidence };
}

function isBelieved({ askedRatio, sentCount, lostCount }: Omit<LossCount, "link">): boolean {
  const most = Math.min(1, askedRatio + MACHINE_RATIO);
  return (
    chanceOfAtMost(lostCount, sentCount, askedRatio) >= CHANCE_MIN &&
    chanceOfAtMost(sentCount - lostCount, sentCount, 1 - most) >= CHANCE_MIN
  );
}

/** That of so many tries, each with this chance, at most `count` hit: the binomial distribution, summed. */
export function chanceOfAtMost(count: number, tries: number, chance: number): number {
  if (count >= tries || chance <= 0) return 1;
  if (chance >= 1) return 0;
  // In logarithms, since the first terms of many tries are smaller than any number.
  let logTerm = tries * Math.log1p(-chance);
  let sum = Math.exp(logTerm);
  for (let hits = 1; hits <= count; hits += 1) {
    logTerm += Math.log((tries - hits + 1) / hits) + Math.log(chance) - Math.log1p(-chance);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

/** How far apart the first and the last of some datagrams came that were sent at once, from one node. */
export interface RateMeasure {
  readonly node: string;
  /** Null is unlimited. */
  readonly askedBitsPerSec: number | null;
  /** Between the two, with all headers. */
  readonly bytes: number;
  readonly spacingMs: number;
}

/** How much faster or slower than asked a measured rate may be. A busy machine, and the node's own messages beside the datagrams, take their share. */
const RATE_TOLERANCE_RATIO = 0.15;

/** What the machine itself may need for datagrams that nothing paces; a due spacing below twice as much cannot be told from none. */
const MACHINE_MS = 50;

/**
 * Whether uplinks carry the rate that was asked. What else a node sends meanwhile shares its uplink, so of several measures of a node the best one
 * counts; a wrong rate spoils all of them.
 */
export function judgeRates(measures: readonly RateMeasure[]): Evidence {
  if (measures.length === 0) return NOT_MEASURED;
  const nodes = [...Map.groupBy(measures, ({ node }) => node).values()];
  const best = nodes.map((theirs) =>
    theirs.reduce((one, other) => (offBy(other) < offBy(one) ? other : one)),
  );
  const [first] = best;
  const asked = first?.askedBitsPerSec == null ? "no limit" : rateText(first.askedBitsPerSec);
  const wrong = best.filter((measure) => !isRight(measure));
  if (wrong.length > 0) {
    const told = wrong.map((measure) => `${measure.node} ${measuredText(measure)}`);
    return { probed: false, evidence: `asked ${asked}, measured: ${shortList(told)}` };
  }
  const sorted = best.toSorted((one, other) => rateOf(one) - rateOf(other)).map(measuredText);
  const seen = [...new Set([sorted[0], sorted.at(-1)])].join(" to ");
  const evidence = `datagrams from ${countText(best.length, best.length, "node")} came ${seen === "unpaced" ? "" : "at "}${seen}, ${asked} asked`;
  const isTelling = best.some(
    (measure) => measure.askedBitsPerSec === null || dueMs(measure) >= 2 * MACHINE_MS,
  );
  return { probed: isTelling ? true : null, evidence };
}

function isRight(measure: RateMeasure): boolean {
  const { askedBitsPerSec, spacingMs } = measure;
  if (askedBitsPerSec === null) return spacingMs <= MACHINE_MS;
  const due = dueMs(measure);
  if (due < 2 * MACHINE_MS) return spacingMs >= due * (1 - RATE_TOLERANCE_RATIO);
  return offBy(measure) <= due * RATE_TOLERANCE_RATIO;
}

function offBy(measure: RateMeasure): number {
  return Math.abs(measure.spacingMs - dueMs(measure));
}

function dueMs({ askedBitsPerSec, bytes }: RateMeasure): number {
  return askedBitsPerSec === null ? 0 : (bytes * 8_000) / askedBitsPerSec;
}

function measuredText(measure: RateMeasure): string {
  if (measure.askedBitsPerSec === null && measure.spacingMs <= MACHINE_MS) return "unpaced";
  return rateText(rateOf(measure));
}

function rateOf({ bytes, spacingMs }: RateMeasure): number {
  return (bytes * 8_000) / Math.max(spacingMs, 0.001);
}

/** Three digits and a prefix: `9.98 Mbit/s`. */
function rateText(bitsPerSec: number): string {
  const [step, prefix] =
    bitsPerSec >= 1e9
      ? [1e9, "G"]
      : bitsPerSec >= 1e6
        ? [1e6, "M"]
        : bitsPerSec >= 1e3
          ? [1e3, "k"]
          : [1, ""];
  return `${Number((bitsPerSec / (step as number)).toPrecision(3))} ${prefix}bit/s`;
}
