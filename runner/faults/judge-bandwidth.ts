import { countText, type Evidence, NOT_MEASURED, shortList } from "./evidence.ts";

/** How much later than the message before it a large one came that was sent right behind it. */
export interface UplinkMeasure {
  readonly node: string;
  /** Null is unlimited. */
  readonly askedBitsPerSec: number | null;
  /** What the uplink had to carry between the two. */
  readonly bytes: number;
  readonly spacingMs: number;
}

/**
 * How far from its due spacing a pair may be: timers, sockets and event loops of a busy machine add milliseconds to either message. Of the 300 ms for
 * which an uplink is measured it is a sixth, so that rates a sixth too high or too low are found out.
 */
const MACHINE_MS = 50;

/** A due spacing below this cannot be told from none. */
const TELLING_MS = 2 * MACHINE_MS;

/**
 * Whether uplinks carry the rate that was asked. A busy machine spoils single pairs, a wrong rate spoils all of them: a node is held to be right if one of
 * its pairs is, and the caller measures several where the first is not. Of `nodeCount` nodes some may show nothing.
 */
export function judgeBandwidth(measures: readonly UplinkMeasure[], nodeCount: number): Evidence {
  if (measures.length === 0) return NOT_MEASURED;
  const nodes = [...new Set(measures.map(({ node }) => node))];
  const best = nodes.map((node) => nearest(measures.filter((each) => each.node === node)));
  const wrong = best.filter((each) => !isUplinkRight(each));
  if (wrong.length > 0) {
    const told = wrong.map((each) => `${each.node} ${rateOf(each)}`);
    return { probed: false, evidence: `asked ${askedText(wrong)}, measured: ${shortList(told)}` };
  }
  const telling = best.filter(isTelling);
  if (telling.length === 0)
    return {
      probed: null,
      evidence: `${askedText(best)} is too fast to be told from no limit by a message of ${sizeText(best)}`,
    };
  return { probed: true, evidence: describe(telling, nodeCount) };
}

/** To the machine's tolerance. */
export function isUplinkRight(measure: UplinkMeasure): boolean {
  return Math.abs(measure.spacingMs - dueMs(measure)) <= MACHINE_MS;
}

function nearest(measures: readonly UplinkMeasure[]): UplinkMeasure {
  const off = (each: UplinkMeasure) => Math.abs(each.spacingMs - dueMs(each));
  return measures.reduce((best, each) => (off(each) < off(best) ? each : best));
}

function dueMs({ askedBitsPerSec, bytes }: UplinkMeasure): number {
  return askedBitsPerSec === null ? 0 : (bytes * 8_000) / askedBitsPerSec;
}

/** A limit that was forgotten would have shown, as would none. */
function isTelling(measure: UplinkMeasure): boolean {
  return measure.askedBitsPerSec === null || dueMs(measure) >= TELLING_MS;
}

function describe(measures: readonly UplinkMeasure[], nodeCount: number): string {
  const count = countText(measures.length, nodeCount, "node");
  const spacings = measures.map(({ spacingMs }) => spacingMs);
  const most = Math.max(...spacings).toFixed(1);
  const [first] = measures;
  if (first === undefined || first.askedBitsPerSec === null)
    return `from ${count} a message of ${sizeText(measures)} came at most ${most} ms after a small one sent just before: no limit`;
  return (
    `from ${count} a message of ${sizeText(measures)} came ${Math.min(...spacings).toFixed(1)} to ${most} ms ` +
    `after a small one sent just before, where ${rateText(first.askedBitsPerSec)} takes ${dueMs(first).toFixed(1)} ms; ` +
    "for so long it kept the uplink busy"
  );
}

function rateOf({ bytes, spacingMs }: UplinkMeasure): string {
  return spacingMs <= MACHINE_MS ? "no limit" : rateText((bytes * 8_000) / spacingMs);
}

/** One fault asks one rate. */
function askedText([first]: readonly UplinkMeasure[]): string {
  return first?.askedBitsPerSec == null ? "no limit" : rateText(first.askedBitsPerSec);
}

function sizeText([first]: readonly UplinkMeasure[]): string {
  return inUnits(first?.bytes ?? 0, "B");
}

function rateText(bitsPerSec: number): string {
  return inUnits(bitsPerSec, "bit/s");
}

/** Three digits and a prefix: `9.98 Mbit/s`. */
function inUnits(value: number, unit: string): string {
  const step = value >= 1e9 ? 1e9 : value >= 1e6 ? 1e6 : value >= 1e3 ? 1e3 : 1;
  const prefix = { 1: "", 1e3: "k", 1e6: "M", 1e9: "G" }[step];
  return `${Number((value / step).toPrecision(3))} ${prefix}${unit}`;
}
