import { setTimeout } from "node:timers/promises";
import type { LinkCondition } from "../../node/link/link-conditions.ts";
import type { LinkFault, LinkPlan } from "../backends/live/link-plan.ts";
import { type LinkProbe, NodeRequestError } from "../backends/live/node-client.ts";
import { type Evidence, joinEvidence, shortList } from "./evidence.ts";
import { isOpen, isUp, nameOf, type Pair, type ProbedNode, pairsOf, spread } from "./link-pairs.ts";
import { probeBandwidth } from "./probe-bandwidth.ts";
import { longDelayMs, probeLatency } from "./probe-latency.ts";
import { probeLoss } from "./probe-loss.ts";

/** Links that are probed for one fault: enough to see a group that was missed, few enough to be nothing beside the run's own messages. */
const LINKS_PROBED_MAX = 12;

/** Links that should carry messages, probed beside those that should not: a dead network is no partition. */
const OPEN_LINKS_PROBED_MAX = 4;

/** Beside twice the longest delay: what a busy machine needs for the rest. */
const PROBE_SPARE_MS = 1_000;
const PROBE_DEADLINE_MS_MAX = 8_000;

/** A node that was cut off tries again within five seconds, and a try that hangs takes five more. */
const RECONNECT_TIMEOUT_MS = 15_000;
const RECONNECT_POLL_MS = 250;

/** Less than this is the way of the probes. */
const RECONNECT_SHOWN_MS = 2_000;

/**
 * Sends messages over the links that a fault changed, and some over those that it left alone, and judges what came of them. `ending` is aborted
 * when the run ends: what is not measured by then is not.
 */
export async function probeLinks(
  fault: LinkFault,
  nodes: readonly ProbedNode[],
  links: LinkPlan,
  ending: AbortSignal,
): Promise<Evidence> {
  const all = pairsOf(nodes, links);
  const open = all.filter((pair) => isOpen(pair, links));
  if (fault.word === "bandwidth") return await probeBandwidth(fault, open, links, ending);
  const changed = fault.word === "partition" ? fault.cut : fault.links;
  const keys = changed === null ? null : new Set(changed.map(([source, target]) => `${source}>${target}`));
  const isChanged = ([source, target]: Pair) => keys === null || keys.has(`${source.index}>${target.index}`);
  const concerned = spread(all.filter(isChanged), LINKS_PROBED_MAX);
  if (concerned.length === 0)
    return { probed: null, evidence: "no link between two running nodes is concerned" };
  const concernedOpen = concerned.filter((pair) => isOpen(pair, links));
  if (fault.word === "latency") return await probeLatency(concernedOpen, links, ending);
  if (fault.word === "loss") return await probeLoss(fault, concernedOpen, links, ending);
  if (fault.word === "heal") return await probeOpenInTime(concernedOpen, links, ending);
  return joinEvidence(
    await Promise.all([
      probeCut(concerned, links),
      ...(open.length === 0 ? [] : [probeOpenInTime(spread(open, OPEN_LINKS_PROBED_MAX), links, ending)]),
    ]),
  );
}

async function probeCut(pairs: readonly Pair[], links: LinkPlan): Promise<Evidence> {
  const probes = (await probeAll(pairs, links)).flatMap(({ pair, probe }) =>
    probe === null ? [] : [{ pair, probe }],
  );
  const reached = probes.flatMap(({ pair, probe }) => (probe.reached ? [nameOf(pair)] : []));
  if (reached.length > 0) return { probed: false, evidence: `still reached: ${shortList(reached)}` };
  if (probes.length === 0) return { probed: null, evidence: "no sender could be asked for a probe" };
  return { probed: true, evidence: `${probes.length} probes across the cut unanswered` };
}

/**
 * Asks again until all are reached: nodes that lost each other find together by themselves, which takes them some tries, and a busy machine may
 * be late with one message. What has not happened when the run ends says nothing.
 */
async function probeOpenInTime(
  pairs: readonly Pair[],
  links: LinkPlan,
  ending: AbortSignal,
): Promise<Evidence> {
  const startMs = performance.now();
  for (;;) {
    const found = await probeOpen(pairs, links);
    const waitedMs = performance.now() - startMs;
    const evidence = `${found.evidence} after ${(waitedMs / 1_000).toFixed(1)} s`;
    if (found.probed !== false) return waitedMs < RECONNECT_SHOWN_MS ? found : { ...found, evidence };
    if (ending.aborted) return { probed: null, evidence: `${evidence}, when the run ended` };
    if (waitedMs > RECONNECT_TIMEOUT_MS) return { probed: false, evidence };
    await setTimeout(RECONNECT_POLL_MS);
  }
}

/** A link that was cut meanwhile, or lost an end, says nothing about this fault. */
async function probeOpen(pairs: readonly Pair[], links: LinkPlan): Promise<Evidence> {
  const probes = (await probeAll(pairs, links)).filter(
    ({ pair, probe }) => probe?.reached === true || (pair.every(isUp) && isOpen(pair, links)),
  );
  if (probes.length === 0) return { probed: null, evidence: "no open link between two running nodes" };
  const lost = probes.flatMap(({ pair, probe }) => (probe?.reached ? [] : [nameOf(pair)]));
  return lost.length === 0
    ? { probed: true, evidence: `${probes.length} probes on open links answered` }
    : { probed: false, evidence: `not reached: ${shortList(lost)}` };
}

interface Probed {
  readonly pair: Pair;
  /** Null when the sender could not be asked. */
  readonly probe: LinkProbe | null;
}

async function probeAll(pairs: readonly Pair[], links: LinkPlan): Promise<Probed[]> {
  return await Promise.all(
    pairs.map(async (pair): Promise<Probed> => {
      const [source, target] = pair;
      const condition = links.conditionOf(source.index, target.index);
      try {
        const probe = await source.client.probe(target.name, deadlineMsOf(condition));
        return { pair, probe };
      } catch (error) {
        if (error instanceof NodeRequestError) return { pair, probe: null };
        throw error;
      }
    }),
  );
}

/** Long enough for nearly every delay that the link may draw, on a machine that is busy; over a cut too, where a message that comes after all must be seen. */
function deadlineMsOf(condition: LinkCondition | null): number {
  if (condition === null) return PROBE_SPARE_MS;
  return Math.min(PROBE_DEADLINE_MS_MAX, Math.ceil(2 * longDelayMs(condition)) + PROBE_SPARE_MS);
}
