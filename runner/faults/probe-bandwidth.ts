import type { LinkFault, LinkPlan } from "../backends/live/link-plan.ts";
import { drawsAround } from "./draws-around.ts";
import type { Evidence } from "./evidence.ts";
import { isUplinkRight, judgeBandwidth, type UplinkMeasure } from "./judge-bandwidth.ts";
import { inForceOn, type Pair, spread } from "./link-pairs.ts";
import { deadlineMsOf, dueMs, measurePair, measureUntil } from "./measure-pair.ts";

/**
 * For so long an uplink is kept busy with one measure: long beside what a busy machine adds, short beside the time between blocks. The node makes the
 * message as large as the rate carries that it has in force, so that a wrong rate costs no more time than the right one.
 */
const UPLINK_MS = 300;

/** What the node may be sending already, which both messages wait for. */
const QUEUE_MS = 2_000;

/** Nodes that are measured for one fault: enough to see one that was missed, few enough to leave the run's own messages alone. */
const NODES_PROBED_MAX = 12;

type BandwidthFault = Extract<LinkFault, { word: "bandwidth" }>;

/** Sends two messages right behind one another from each node, over one of these open links, and sees how far apart they arrive. */
export async function probeBandwidth(
  { nodes, bitsPerSec }: BandwidthFault,
  open: readonly Pair[],
  links: LinkPlan,
  ending: AbortSignal,
): Promise<Evidence> {
  const pairsOfNodes = spread(
    nodes.map((node) => open.filter(([source]) => source.index === node)).filter((pairs) => pairs.length > 0),
    NODES_PROBED_MAX,
  );
  if (pairsOfNodes.length === 0)
    return { probed: null, evidence: "no open link between two running nodes is concerned" };
  const measures = await Promise.all(
    pairsOfNodes.map((pairs) =>
      measureUntil(
        // Another link for each try: one may be held up by what is under way on it.
        (attempt) => measureOnce(pairs[attempt % pairs.length] as Pair, bitsPerSec, links),
        isUplinkRight,
        ending,
      ),
    ),
  );
  return judgeBandwidth(measures.flat(), pairsOfNodes.length);
}

async function measureOnce(
  pair: Pair,
  askedBitsPerSec: number | null,
  links: LinkPlan,
): Promise<UplinkMeasure | null> {
  const inForce = await inForceOn(pair, links);
  // Another fault came already: there is nothing of this one left to see.
  if (inForce === null || inForce.uplinkBitsPerSec !== askedBitsPerSec) return null;
  const [source, target] = pair;
  const { seed } = links.conditionsOf(source.index);
  const link = { seed, source: source.name, target: target.name };
  // A message that only nearly every ratio loses: a retransmission would only make it take longer.
  const [draws] = drawsAround(link, inForce.condition.latency, 1, 1).lost;
  if (draws === undefined) return null;
  const deadlineMs = deadlineMsOf(dueMs(draws, inForce) + UPLINK_MS + QUEUE_MS);
  const request = { drawKey: draws.drawKey, uplinkMs: UPLINK_MS, deadlineMs };
  const measured = await measurePair(pair, inForce, links, request);
  if (measured?.spacingMs == null || measured.spacingBytes === null) return null;
  const { spacingBytes: bytes, spacingMs } = measured;
  return { node: source.name, askedBitsPerSec, bytes, spacingMs };
}
