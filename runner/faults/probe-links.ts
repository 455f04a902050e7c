import type { LinkFault, LinkPlan } from "../backends/processes/link-plan.ts";
import type { LiveNode } from "../backends/processes/live-node.ts";
import { type LinkProbe, NodeRequestError } from "../backends/processes/node-client.ts";
import { type Evidence, joinEvidence, shortList } from "./evidence.ts";
import { judgeLatency } from "./judge-latency.ts";

/** Links that are probed for one fault: enough to see a group that was missed, few enough to be nothing beside the run's own messages. */
const LINKS_PROBED_MAX = 12;

/** Links that should carry messages, probed beside those that should not: a dead network is no partition. */
const OPEN_LINKS_PROBED_MAX = 4;

/** Delays measured on each link for a latency: the median of this many over several links is steady enough to be judged. */
const PROBES_PER_LINK = 3;

type Pair = readonly [source: LiveNode, target: LiveNode];

/** Sends messages over the links that a fault changed, and some over those that it left alone, and judges what came of them. */
export async function probeLinks(
  fault: LinkFault,
  nodes: readonly LiveNode[],
  links: LinkPlan,
  ending: AbortSignal,
): Promise<Evidence> {
  if (fault.word === "loss")
    return { probed: null, evidence: "in force at every sender; lost packets only add delay, not measured" };
  if (fault.word === "bandwidth") return { probed: null, evidence: "in force at every sender, not measured" };
  const all = pairsOf(nodes, links);
  const changed = fault.word === "partition" ? fault.cut : fault.links;
  const keys = changed === null ? null : new Set(changed.map(([source, target]) => `${source}>${target}`));
  const isChanged = ([source, target]: Pair) => keys === null || keys.has(`${source.index}>${target.index}`);
  const concerned = spread(all.filter(isChanged), LINKS_PROBED_MAX);
  if (concerned.length === 0)
    return { probed: null, evidence: "no link between two running nodes is concerned" };
  if (fault.word === "latency")
    return await probeLatency(
      concerned.filter((pair) => isOpen(pair, links)),
      links,
    );
  if (fault.word === "heal")
    return await probeOpen(
      concerned.filter((pair) => isOpen(pair, links)),
      ending,
    );
  const open = all.filter((pair) => isOpen(pair, links));
  return joinEvidence(
    await Promise.all([
      probeCut(concerned, ending),
      ...(open.length === 0 ? [] : [probeOpen(spread(open, OPEN_LINKS_PROBED_MAX), ending)]),
    ]),
  );
}

async function probeCut(pairs: readonly Pair[], ending: AbortSignal): Promise<Evidence> {
  const probes = await probeAll(pairs);
  const reached = probes.flatMap(({ pair, probe }) => (probe?.reached ? [nameOf(pair)] : []));
  const silent = probes.filter(({ probe }) => probe === null).length;
  if (reached.length > 0) return { probed: false, evidence: `still reached: ${shortList(reached)}` };
  if (silent === probes.length)
    return { probed: ending.aborted ? null : false, evidence: "no sender could be asked for a probe" };
  return { probed: true, evidence: `${probes.length - silent} probes across the cut unanswered` };
}

async function probeOpen(pairs: readonly Pair[], ending: AbortSignal): Promise<Evidence> {
  if (pairs.length === 0) return { probed: null, evidence: "no open link between two running nodes" };
  const probes = await probeAll(pairs);
  const lost = probes.flatMap(({ pair, probe }) => (probe?.reached ? [] : [nameOf(pair)]));
  if (lost.length === 0) return { probed: true, evidence: `${probes.length} probes on open links answered` };
  return { probed: ending.aborted ? null : false, evidence: `not reached: ${shortList(lost)}` };
}

/** Each link's delay is judged by its own model, since `latency: null` gives every link back the one of the plan. */
async function probeLatency(pairs: readonly Pair[], links: LinkPlan): Promise<Evidence> {
  const rounds = Array.from({ length: PROBES_PER_LINK }, () => pairs).flat();
  const probes = await probeAll(rounds);
  return judgeLatency(
    probes.flatMap(({ pair: [source, target], probe }) => {
      const condition = links.conditionOf(source.index, target.index);
      return probe?.oneWayMs == null || condition === null
        ? []
        : [{ asked: condition.latency, isLossy: condition.lossRatio > 0, oneWayMs: probe.oneWayMs }];
    }),
  );
}

/** Null when the sender could not be asked. */
async function probeAll(
  pairs: readonly Pair[],
): Promise<{ readonly pair: Pair; readonly probe: LinkProbe | null }[]> {
  return await Promise.all(
    pairs.map(async (pair) => {
      const [source, target] = pair;
      try {
        return { pair, probe: await source.client.probe(target.name) };
      } catch (error) {
        if (error instanceof NodeRequestError) return { pair, probe: null };
        throw error;
      }
    }),
  );
}

/** Directed links whose both ends run. */
function pairsOf(nodes: readonly LiveNode[], links: LinkPlan): Pair[] {
  return nodes.flatMap((source) =>
    links.peersOf(source.index).flatMap((index): Pair[] => {
      const target = nodes[index];
      return target === undefined || source.state !== "up" || target.state !== "up" ? [] : [[source, target]];
    }),
  );
}

/** In the direction of the messages: their receipts do not come back over the shaped link. */
function isOpen([source, target]: Pair, links: LinkPlan): boolean {
  return links.conditionOf(source.index, target.index)?.cut === false;
}

/** At most `countMax` of them, evenly over the whole list, so that every group has its share. */
function spread<T>(items: readonly T[], countMax: number): T[] {
  if (items.length <= countMax) return [...items];
  const step = items.length / countMax;
  return Array.from({ length: countMax }, (_, i) => items[Math.floor(i * step)] as T);
}

function nameOf([source, target]: Pair): string {
  return `${source.name}>${target.name}`;
}
