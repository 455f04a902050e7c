import { drawLatencyUs } from "../../node/link/latency.ts";
import type { LinkCondition } from "../../node/link/link-conditions.ts";
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

/** Beside twice the longest delay: what a busy machine needs for the rest. */
const PROBE_SPARE_MS = 1_000;
const PROBE_DEADLINE_MS_MAX = 8_000;

type Pair = readonly [source: LiveNode, target: LiveNode];

/** Sends messages over the links that a fault changed, and some over those that it left alone, and judges what came of them. */
export async function probeLinks(
  fault: LinkFault,
  nodes: readonly LiveNode[],
  links: LinkPlan,
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
      links,
    );
  const open = all.filter((pair) => isOpen(pair, links));
  return joinEvidence(
    await Promise.all([
      probeCut(concerned, links),
      ...(open.length === 0 ? [] : [probeOpen(spread(open, OPEN_LINKS_PROBED_MAX), links)]),
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

/** Each link's delay is judged by its own model, since `latency: null` gives every link back the one of the plan. */
async function probeLatency(pairs: readonly Pair[], links: LinkPlan): Promise<Evidence> {
  const rounds = Array.from({ length: PROBES_PER_LINK }, () => pairs).flat();
  const probes = await probeAll(rounds, links);
  return judgeLatency(
    probes.flatMap(({ pair: [source, target], probe, condition }) => {
      // Changed again meanwhile: this delay may be of either.
      const isSame = links.conditionOf(source.index, target.index) === condition;
      if (probe?.oneWayMs == null || condition === null || !isSame) return [];
      const { latency: asked, lossRatio } = condition;
      return [{ asked, isLossy: lossRatio > 0, oneWayMs: probe.oneWayMs }];
    }),
  );
}

interface Probed {
  readonly pair: Pair;
  /** In force when the probe was sent. */
  readonly condition: LinkCondition | null;
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
        return { pair, condition, probe };
      } catch (error) {
        if (error instanceof NodeRequestError) return { pair, condition, probe: null };
        throw error;
      }
    }),
  );
}

/** Long enough for nearly every delay that the link may draw, on a machine that is busy. */
function deadlineMsOf(condition: LinkCondition | null): number {
  if (condition === null) return PROBE_SPARE_MS;
  const { latency } = condition;
  const share = latency.kind === "exponential" ? 0.001 : 0.999;
  return Math.min(
    PROBE_DEADLINE_MS_MAX,
    Math.ceil(2 * (drawLatencyUs(latency, share) / 1_000)) + PROBE_SPARE_MS,
  );
}

function isUp(node: LiveNode): boolean {
  return node.state === "up";
}

/** Directed links whose both ends run. */
function pairsOf(nodes: readonly LiveNode[], links: LinkPlan): Pair[] {
  return nodes.flatMap((source) =>
    links.peersOf(source.index).flatMap((index): Pair[] => {
      const target = nodes[index];
      return target !== undefined && isUp(source) && isUp(target) ? [[source, target]] : [];
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
