import type { LinkCondition } from "../../node/link/link-conditions.ts";
import type { LinkPlan } from "../backends/live/link-plan.ts";
import type { ShapeFault } from "../backends/live/link-shaping.ts";
import type { LiveNode } from "../backends/live/live-node.ts";
import type { NodeClient } from "../backends/live/node-client.ts";

/** What a probe of links needs of a node. */
export interface ProbedNode extends Pick<LiveNode, "index" | "name" | "state" | "inTurn"> {
  readonly client: Pick<NodeClient, "probe" | "measure">;
}

/** One direction of a link. */
export type Pair = readonly [source: ProbedNode, target: ProbedNode];

/** Directed links whose both ends run. */
export function pairsOf(nodes: readonly ProbedNode[], links: LinkPlan): Pair[] {
  return nodes.flatMap((source) =>
    links.peersOf(source.index).flatMap((index): Pair[] => {
      const target = nodes[index];
      return target !== undefined && isUp(source) && isUp(target) ? [[source, target]] : [];
    }),
  );
}

/** Open links between running nodes that a fault shapes anew. */
export function shapedPairs(fault: ShapeFault, nodes: readonly ProbedNode[], links: LinkPlan): Pair[] {
  const open = pairsOf(nodes, links).filter((pair) => isOpen(pair, links));
  if (fault.word === "bandwidth") return open.filter(([source]) => fault.nodes.includes(source.index));
  const { links: changed } = fault;
  if (changed === null) return open;
  const keys = new Set(changed.map(([source, target]) => `${source}>${target}`));
  return open.filter(([source, target]) => keys.has(`${source.index}>${target.index}`));
}

export function isUp(node: ProbedNode): boolean {
  return node.state === "up";
}

/** In the direction of the messages: their receipts do not come back over the shaped link. */
export function isOpen([source, target]: Pair, links: LinkPlan): boolean {
  return links.conditionOf(source.index, target.index)?.cut === false;
}

/** What a sender does to the messages of one link. */
export interface InForce {
  readonly condition: LinkCondition;
  readonly uplinkBitsPerSec: number | null;
}

/** What the plan asks of an open link between two running nodes now; null if it is none. Same objects until it changes. */
export function askedOf(pair: Pair, links: LinkPlan): InForce | null {
  const [source, target] = pair;
  const condition = links.conditionOf(source.index, target.index);
  if (condition === null || condition.cut || !pair.every(isUp)) return null;
  return { condition, uplinkBitsPerSec: links.conditionsOf(source.index).uplinkBitsPerSec };
}

/** The same, once the sender has been told of it; null if it has changed meanwhile: then it is not known which of the two holds. */
export async function inForceOn(pair: Pair, links: LinkPlan): Promise<InForce | null> {
  const asked = askedOf(pair, links);
  // Whatever was planned before this call has its turn at the node by now.
  await pair[0].inTurn(async () => undefined);
  return asked !== null && isStillSo(asked, pair, links) ? asked : null;
}

/** A measure that began under other conditions than it ended under may be of either. */
export function isStillSo(before: InForce, pair: Pair, links: LinkPlan): boolean {
  const now = askedOf(pair, links);
  return now?.condition === before.condition && now.uplinkBitsPerSec === before.uplinkBitsPerSec;
}

/** At most `countMax` of them, evenly over the whole list, so that every group has its share. */
export function spread<T>(items: readonly T[], countMax: number): T[] {
  if (items.length <= countMax) return [...items];
  const step = items.length / countMax;
  return Array.from({ length: countMax }, (_, i) => items[Math.floor(i * step)] as T);
}

export function nameOf([source, target]: Pair): string {
  return `${source.name}>${target.name}`;
}
