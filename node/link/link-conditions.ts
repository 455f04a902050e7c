import type { LatencyModel } from "./latency.ts";

/** What a link does to the messages of one direction, the sender's. */
export interface LinkCondition {
  readonly latency: LatencyModel;
  /** Share of packets lost; 0 to below 1. */
  readonly lossRatio: number;
  /** Messages handed to a cut link are dropped, and those on their way when it is cut. */
  readonly cut: boolean;
}

/** Conditions of everything that one node sends. */
export interface LinkConditions {
  /** Of the draws; the stream of a direction is named after both of its ends. */
  readonly seed: string;
  /** For peers that `links` does not name. */
  readonly default: LinkCondition;
  /** By the peer's name. */
  readonly links: Readonly<Record<string, LinkCondition>>;
  /** Of all links together; null is unlimited. */
  readonly uplinkBitsPerSec: number | null;
  /** Added to the size of each block, so that large blocks can be studied without their transactions. */
  readonly blockPaddingBytes: number;
}

/** What is to change; everything that is left out stays. Links are merged by name, each from what is in force for it. */
export interface LinkConditionsPatch {
  readonly seed?: string | undefined;
  readonly default?: LinkConditionPatch | undefined;
  readonly links?: Readonly<Record<string, LinkConditionPatch>> | undefined;
  readonly uplinkBitsPerSec?: number | null | undefined;
  readonly blockPaddingBytes?: number | undefined;
}

export interface LinkConditionPatch {
  readonly latency?: LatencyModel | undefined;
  readonly lossRatio?: number | undefined;
  readonly cut?: boolean | undefined;
}

/** Links that add nothing to what the machine's own network does. */
export const PLAIN_LINKS: LinkConditions = {
  seed: "",
  default: { latency: { kind: "constant", delayUs: 0 }, lossRatio: 0, cut: false },
  links: {},
  uplinkBitsPerSec: null,
  blockPaddingBytes: 0,
};

/** The conditions in force for messages to this peer. */
export function conditionTowards(conditions: LinkConditions, peerName: string): LinkCondition {
  return Object.hasOwn(conditions.links, peerName)
    ? (conditions.links[peerName] ?? conditions.default)
    : conditions.default;
}

/** The conditions after a change. A change of the default does not reach links that have conditions of their own. */
export function mergeLinkConditions(current: LinkConditions, patch: LinkConditionsPatch): LinkConditions {
  const base = mergeLinkCondition(current.default, patch.default ?? {});
  const links = new Map(Object.entries(current.links));
  for (const [name, change] of Object.entries(patch.links ?? {}))
    links.set(name, mergeLinkCondition(links.get(name) ?? base, change));
  return {
    seed: patch.seed ?? current.seed,
    default: base,
    links: Object.fromEntries(links),
    uplinkBitsPerSec:
      patch.uplinkBitsPerSec === undefined ? current.uplinkBitsPerSec : patch.uplinkBitsPerSec,
    blockPaddingBytes: patch.blockPaddingBytes ?? current.blockPaddingBytes,
  };
}

function mergeLinkCondition(current: LinkCondition, patch: LinkConditionPatch): LinkCondition {
  return {
    latency: patch.latency ?? current.latency,
    lossRatio: patch.lossRatio ?? current.lossRatio,
    cut: patch.cut ?? current.cut,
  };
}
