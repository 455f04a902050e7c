import { drawLatencyUs, type LatencyModel } from "../../../../node/link/latency.ts";
import type { LinkCondition } from "../../../../node/link/link-conditions.ts";
import { countText, type Evidence, joinEvidence, shortList } from "../../../faults/evidence.ts";
import { judgeLatency } from "../../../faults/judge-latency.ts";
import { type InForce, inForceOn, isStillSo, nameOf, type Pair, spread } from "../../../faults/link-pairs.ts";
import type { LinkPlan } from "../../live/link-plan.ts";
import type { ShapeFault } from "../../live/link-shaping.ts";
import { type Arrivals, type Flow, type Inside, sendDatagrams } from "./datagram-probe.ts";
import { judgeLossCounts, judgeRates, type RateMeasure } from "./judge-datagrams.ts";
import { areRulesOf, type ReadRules } from "./read-rules.ts";

/** Links that are measured for one fault: each end is a process in a container, which takes a tenth of a second of processor. All others are read back. */
const LINKS_MEASURED_MAX = 6;

/** For how long delays of one link are measured, and how many at most. */
const DELAYS_MS = 3_000;
const DELAYS_MAX = 30;
const DELAYS_MIN = 3;
const DELAY_INTERVAL_MS_MIN = 10;

/** Losses are counted among so many, one by one: of the 1,800 of six links a loss of 1 % hits 18, give or take four. */
const LOSS_COUNT = 300;
const LOSS_INTERVAL_MS = 5;

/** For so long the datagrams of one measure keep an uplink busy, and how many measures are made, so far apart. */
const UPLINK_MS = 450;
const UPLINK_MEASURES = 3;
const UPLINK_PAUSE_MS = 150;
/** The first of them may come apart by their latencies; what comes later has queued behind them. */
const SETTLED_SHARE = 1 / 3;
const DATAGRAMS_MIN = 8;
const DATAGRAMS_MAX = 4_000;
/** Where there is no limit to be seen. */
const DATAGRAMS_UNLIMITED = 300;

/** A small datagram, and the largest that fits a packet, bytes. The headers of UDP, IP and Ethernet count too. */
const SMALL_BYTES = 64;
const LARGE_BYTES = 1_400;
const HEADER_BYTES = 8 + 20 + 14;

/** How often all is measured again that was found wrong. A machine that is busy spoils what it measures, what is really wrong is wrong each time. */
const ROUNDS_MAX = 4;

/** Beside the longest delay: what a busy machine needs for the rest. */
const QUIET_SPARE_MS = 1_000;

export interface ProbedKernel extends Inside {
  readonly links: LinkPlan;
  readonly ending: AbortSignal;
  /** At which one linked node knows the other; null when they have no link. */
  readonly addressOf: (source: number, target: number) => string | null;
  /** What the kernel of the source has for the target now. Throws an `OperationError`. */
  readonly readRules: (source: number, target: number) => Promise<ReadRules | null>;
}

interface Measured {
  readonly pair: Pair;
  readonly inForce: InForce;
  readonly arrivals: Arrivals;
}

/**
 * Whether the kernel does to these links what a fault asked: its rules are read back for all of them, and datagrams are sent over some, past the nodes and
 * their connections, so that what is measured is the rules' own work.
 */
export async function probeKernel(
  fault: ShapeFault,
  pairs: readonly Pair[],
  kernel: ProbedKernel,
): Promise<Evidence> {
  if (pairs.length === 0)
    return { probed: null, evidence: "no open link between two running nodes is concerned" };
  switch (fault.word) {
    case "bandwidth": {
      const rates: RateMeasure[] = [];
      return await untilRight(kernel.ending, async () => {
        rates.push(...(await measureRates(fault.bitsPerSec, pairs, kernel)));
        return judgeRates(rates);
      });
    }
    case "latency": {
      const rules = await probeRules(pairs, kernel);
      return joinEvidence([rules, await untilRight(kernel.ending, () => probeDelays(pairs, kernel))]);
    }
    case "loss": {
      const rules = await probeRules(pairs, kernel);
      return joinEvidence([
        rules,
        await untilRight(kernel.ending, () => probeLosses(fault.ratio, pairs, kernel)),
      ]);
    }
  }
}

async function untilRight(ending: AbortSignal, probe: () => Promise<Evidence>): Promise<Evidence> {
  let found = await probe();
  for (let round = 1; round < ROUNDS_MAX && found.probed === false && !ending.aborted; round += 1) {
    const again = await probe();
    // There is nothing left of the fault to be measured: what was found stands.
    if (again.probed === null) break;
    found = again;
  }
  return found;
}

async function probeRules(pairs: readonly Pair[], { links, readRules }: ProbedKernel): Promise<Evidence> {
  const found = await Promise.all(
    pairs.map(async (pair) => {
      const inForce = await inForceOn(pair, links);
      if (inForce === null) return [];
      const read = await readRules(pair[0].index, pair[1].index);
      return isStillSo(inForce, pair, links) ? [{ pair, isRight: areRulesOf(read, inForce.condition) }] : [];
    }),
  );
  const wrong = found.flat().filter(({ isRight }) => !isRight);
  if (wrong.length > 0)
    return {
      probed: false,
      evidence: `the kernel has other rules: ${shortList(wrong.map(({ pair }) => nameOf(pair)))}`,
    };
  const count = found.flat().length;
  if (count === 0)
    return { probed: null, evidence: "the links changed again before they could be looked at" };
  return {
    probed: true,
    evidence: `the kernel has these rules on ${countText(count, pairs.length, "link")}`,
  };
}

async function probeDelays(pairs: readonly Pair[], kernel: ProbedKernel): Promise<Evidence> {
  const measured = await measure(spread(pairs, LINKS_MEASURED_MAX), kernel, ({ condition: { latency } }) => {
    // One that drew a short delay waits for those before it, so they are sent as far apart as two may arrive.
    const intervalMs = Math.max(DELAY_INTERVAL_MS_MIN, Math.ceil(longMs(latency) - shortMs(latency)));
    const count = Math.max(DELAYS_MIN, Math.min(DELAYS_MAX, Math.floor(DELAYS_MS / intervalMs)));
    return [{ count, sizeBytes: SMALL_BYTES, intervalMs, startMs: 0 }];
  });
  return judgeLatency(
    measured.flatMap(({ inForce: { condition, uplinkBitsPerSec }, arrivals }) =>
      arrivals.map(({ oneWayMs }) => ({
        asked: condition.latency,
        // Where something else may hold them up, they say only what is too fast; the rules that were read back say the rest.
        isLossy: condition.latency.kind !== "constant" || uplinkBitsPerSec !== null,
        oneWayMs,
      })),
    ),
  );
}

async function probeLosses(ratio: number, pairs: readonly Pair[], kernel: ProbedKernel): Promise<Evidence> {
  const measured = await measure(spread(pairs, LINKS_MEASURED_MAX), kernel, ({ condition }) =>
    // Another fault came already: there is nothing of this one left to see.
    condition.lossRatio === ratio
      ? [{ count: LOSS_COUNT, sizeBytes: SMALL_BYTES, intervalMs: LOSS_INTERVAL_MS, startMs: 0 }]
      : [],
  );
  const counts = measured.map(({ pair, inForce, arrivals }) => ({
    link: nameOf(pair),
    askedRatio: inForce.condition.lossRatio,
    sentCount: LOSS_COUNT,
    lostCount: LOSS_COUNT - arrivals.length,
  }));
  return judgeLossCounts(counts);
}

async function measureRates(
  bitsPerSec: number | null,
  pairs: readonly Pair[],
  kernel: ProbedKernel,
): Promise<RateMeasure[]> {
  const oneOfEach = pairs.filter((pair, i) => pairs.findIndex(([source]) => source === pair[0]) === i);
  const { count, sizeBytes } = burstOf(bitsPerSec);
  const measured = await measure(spread(oneOfEach, LINKS_MEASURED_MAX), kernel, ({ uplinkBitsPerSec }) =>
    uplinkBitsPerSec === bitsPerSec
      ? Array.from({ length: UPLINK_MEASURES }, (_, turn) => ({
          ...{ count, sizeBytes, intervalMs: 0 },
          startMs: turn * (UPLINK_MS + UPLINK_PAUSE_MS),
        }))
      : [],
  );
  return measured.flatMap(({ pair, inForce, arrivals }) => {
    const [from, to] = [arrivals[Math.floor(arrivals.length * SETTLED_SHARE)], arrivals.at(-1)];
    if (from === undefined || to === undefined || to.sequence <= from.sequence) return [];
    const carried = (to.sequence - from.sequence) * (1 - inForce.condition.lossRatio);
    return [
      {
        node: pair[0].name,
        askedBitsPerSec: bitsPerSec,
        bytes: carried * (sizeBytes + HEADER_BYTES),
        spacingMs: to.atMs - from.atMs,
      },
    ];
  });
}

/** Datagrams that take an uplink so long; smaller ones where few large ones would. */
export function burstOf(bitsPerSec: number | null): { count: number; sizeBytes: number } {
  if (bitsPerSec === null) return { count: DATAGRAMS_UNLIMITED, sizeBytes: LARGE_BYTES };
  const bytes = (bitsPerSec * UPLINK_MS) / 8_000;
  const each = Math.round(bytes / DATAGRAMS_MIN) - HEADER_BYTES;
  const sizeBytes = Math.max(SMALL_BYTES, Math.min(LARGE_BYTES, each));
  const count = Math.round(bytes / (sizeBytes + HEADER_BYTES));
  return { count: Math.max(DATAGRAMS_MIN, Math.min(DATAGRAMS_MAX, count)), sizeBytes };
}

/** Sends what `flowsOf` wants over each of these links, and leaves out what was measured under other conditions than it began under. */
async function measure(
  pairs: readonly Pair[],
  { links, ending, addressOf, ...inside }: ProbedKernel,
  flowsOf: (inForce: InForce) => readonly Pick<Flow, "count" | "sizeBytes" | "intervalMs" | "startMs">[],
): Promise<Measured[]> {
  const planned = await Promise.all(
    pairs.map(async (pair) => {
      const inForce = await inForceOn(pair, links);
      const [source, target] = [pair[0].index, pair[1].index];
      const address = addressOf(source, target);
      if (inForce === null || address === null || ending.aborted) return [];
      return flowsOf(inForce).map((flow) => ({ pair, inForce, flow: { source, target, address, ...flow } }));
    }),
  );
  const all = planned.flat();
  const longestMs = Math.max(
    0,
    ...all.map(({ inForce, flow }) => longMs(inForce.condition.latency) + flow.intervalMs),
  );
  const flows = all.map(({ flow }) => flow);
  const arrivals = await sendDatagrams(inside, flows, Math.ceil(longestMs) + QUIET_SPARE_MS);
  return all.flatMap(({ pair, inForce }, i) => {
    const came = arrivals[i] ?? null;
    return came === null || !isStillSo(inForce, pair, links) ? [] : [{ pair, inForce, arrivals: came }];
  });
}

/** Longer than all but one delay in a thousand. */
function longMs(latency: LatencyModel): number {
  return drawLatencyUs(latency, latency.kind === "exponential" ? 0.001 : 0.999) / 1_000;
}

function shortMs(latency: LinkCondition["latency"]): number {
  return drawLatencyUs(latency, latency.kind === "exponential" ? 0.999 : 0.001) / 1_000;
}
