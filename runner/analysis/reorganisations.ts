import type { RunEvent, TipChanged } from "../record/run-event.ts";

export interface ReorganisationFigures {
  /** Changes of tip that took blocks off a node's chain, in the order of the journal. */
  readonly list: readonly TipChanged[];
  /** Blocks taken off at once, the most of any node; 0 if chains only ever grew, null if no tip ever changed. */
  readonly depthMax: number | null;
  /** By node. */
  readonly perNode: readonly { readonly count: number; readonly depthMax: number }[];
}

/** What each node itself undid: a node that slept through a fork and then fetched the winner has no reorganisation. */
export function findReorganisations(events: Iterable<RunEvent>, nodeCount: number): ReorganisationFigures {
  const list: TipChanged[] = [];
  const perNode = Array.from({ length: nodeCount }, () => ({ count: 0, depthMax: 0 }));
  let depthMax: number | null = null;
  for (const event of events) {
    if (event.type !== "tip-changed") continue;
    depthMax = Math.max(depthMax ?? 0, event.disconnected);
    if (event.disconnected === 0) continue;
    list.push(event);
    const node = perNode[event.node];
    if (node === undefined) continue;
    node.count++;
    node.depthMax = Math.max(node.depthMax, event.disconnected);
  }
  return { list, depthMax, perNode };
}
