import type { LinkConditions } from "../../../node/link/link-conditions.ts";
import type { Evidence } from "../../faults/evidence.ts";
import type { Pair } from "../../faults/link-pairs.ts";
import type { LinkFault, LinkPatch, LinkPlan } from "./link-plan.ts";
import type { LiveNode } from "./live-node.ts";
import type { NodeClient } from "./node-client.ts";

/** The faults that change how links are shaped, and open or close none. */
export type ShapeFault = Extract<LinkFault, { word: "latency" | "loss" | "bandwidth" }>;

export interface ShapedNode extends Pick<LiveNode, "index" | "state"> {
  readonly client: Pick<NodeClient, "putLinks">;
}

/** Who delays, loses and paces what nodes send: they themselves, or what lies below them. A node begins its lives under it; here it is changed and looked at. */
export interface LinkShaping {
  /**
   * Brings what a node sends to these conditions, which it has but for `patch`; whatever of that is the node's own to do (cuts, at least) it is told, if it
   * is up. Else it hears of it when it comes back. Throws an `OperationError`.
   */
  change(node: ShapedNode, patch: LinkPatch, conditions: LinkConditions): Promise<void>;
  /**
   * Looks from inside the nodes whether the fault is in force on these open links, between nodes that run; null where only the nodes' own probes can tell.
   * `ending` is aborted when the run ends.
   */
  probe(
    fault: ShapeFault,
    pairs: readonly Pair[],
    links: LinkPlan,
    ending: AbortSignal,
  ): Promise<Evidence | null>;
}

/** Nothing below: the transport of each node shapes what it sends. */
export const SHAPED_BY_NODES: LinkShaping = {
  change: async (node, patch) => {
    if (node.state === "up") await node.client.putLinks(patch);
  },
  probe: async () => null,
};
