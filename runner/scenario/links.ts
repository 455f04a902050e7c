import type { PlannedEdge } from "../plan.ts";

/** One direction of an edge, sender first. */
export type Link = readonly [number, number];

/** Both directions of each edge, one after the other. */
export function linksOf(edges: readonly PlannedEdge[]): Link[] {
  return edges.flatMap(({ a, b }): Link[] => [
    [a, b],
    [b, a],
  ]);
}

/** Links between different groups; `forward`: only those from an earlier group to a later one. */
export function crossing(
  links: readonly Link[],
  groups: readonly (readonly number[])[],
  direction: "both" | "forward",
): Link[] {
  const groupOf = new Map(groups.flatMap((nodes, group) => nodes.map((node) => [node, group] as const)));
  return links.filter(([sender, receiver]) => {
    const from = groupOf.get(sender);
    const to = groupOf.get(receiver);
    if (from === undefined || to === undefined) return false;
    return direction === "both" ? from !== to : from < to;
  });
}

/** Links that one of these nodes sends or receives on. */
export function touching(links: readonly Link[], nodes: readonly number[]): Link[] {
  const chosen = new Set(nodes);
  return links.filter(([sender, receiver]) => chosen.has(sender) || chosen.has(receiver));
}

/** Which lines of the timeline keep a link cut: it opens when the last of them lets go. */
export class CutLayers {
  readonly #holders = new Map<Link, Set<number>>();

  cut(links: readonly Link[], line: number): void {
    for (const link of links) {
      const holders = this.#holders.get(link);
      if (holders === undefined) this.#holders.set(link, new Set([line]));
      else holders.add(line);
    }
  }

  /** The line ends; returns the links that no other line holds. */
  release(line: number): Link[] {
    const opened: Link[] = [];
    for (const [link, holders] of this.#holders) {
      if (!holders.delete(line) || holders.size > 0) continue;
      this.#holders.delete(link);
      opened.push(link);
    }
    return opened;
  }

  /** Healed, whoever held them; null: all. */
  clear(links: readonly Link[] | null): void {
    if (links === null) this.#holders.clear();
    else for (const link of links) this.#holders.delete(link);
  }
}
