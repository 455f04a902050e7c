import type { LinkCondition } from "../../../../node/link/link-conditions.ts";
import { type DelayTable, netemDelay } from "./delay-distribution.ts";

/** `ip` or `tc`, then its arguments, of which none needs quotes. */
export type Command = readonly string[];

/** What one node's kernel is to do with what it sends. */
export interface SendingRules {
  /** Of all links together; null is unlimited. */
  readonly uplinkBitsPerSec: number | null;
  readonly peers: readonly PeerRules[];
  /** False for a run none of whose links ever has latency or loss: its kernel needs no netem. */
  readonly hasNetem: boolean;
}

export interface PeerRules extends Pick<LinkCondition, "latency" | "lossRatio"> {
  /** Tells this peer from the others of this node, always the same one: 0 to 4,000. */
  readonly peer: number;
  /** IPv4, at which the node knows the peer. */
  readonly address: string;
}

/** The device through which all that a node sends to peers goes, whatever network it leaves by: so its networks share one uplink. */
export const SHAPED = "shaped";

/** Where no rate is asked: more than one machine passes between two of its containers. */
const UNLIMITED_BITS_PER_SEC = 40_000_000_000;

/** Packets that may wait on one link. Connections keep fewer under way than 30 MB, and what they keep must not be lost here. */
const QUEUE_PACKETS_MAX = 20_000;

/** For so long an uplink may be ahead of its rate, after it was idle: what a timer of the kernel may be late. */
const BURST_SEC = 0.001;

/** Between two packets of other links, so that links share the uplink packet by packet; Ethernet's largest frame, bytes. */
const QUANTUM_BYTES = 1_514;

/** The smallest rate of a class that is a whole number of bytes. */
const CLASS_BITS_PER_SEC_MIN = 8;

/** In a network namespace that has no such rules yet. */
export function setUpCommands(): Command[] {
  return [
    ["ip", "link", "add", SHAPED, "type", "ifb"],
    ["ip", "link", "set", "dev", SHAPED, "up"],
    ["tc", "qdisc", "add", "dev", SHAPED, "root", "handle", "1:", "htb"],
  ];
}

/**
 * Sends what leaves by this interface through the shaped device first, for an interface that may be new. Packets leave one by one: the kernel would
 * hand over 64 kB at a time, which netem would lose as one. Of effect on connections that begin then.
 */
export function redirectCommands(device: string): Command[] {
  return [
    ["ip", "link", "set", "dev", device, "gso_max_segs", "1"],
    ["tc", "qdisc", "replace", "dev", device, "clsact"],
    [
      ...["tc", "filter", "replace", "dev", device, "egress", "protocol", "ip", "prio", "1"],
      ...["handle", "800::1", "u32", "match", "u32", "0", "0"],
      ...["action", "mirred", "egress", "redirect", "dev", SHAPED],
    ],
  ];
}

/**
 * All rules of a node, each of which takes the place of the one before, without losing what waits. A class of the uplink for each peer, with a filter on
 * the peer's address and a queue of its own. What no filter knows (ARP, above all) passes at once.
 */
export function ruleCommands({ uplinkBitsPerSec, peers, hasNetem }: SendingRules): Command[] {
  const uplink = Math.max(CLASS_BITS_PER_SEC_MIN, uplinkBitsPerSec ?? UNLIMITED_BITS_PER_SEC);
  const share = Math.max(CLASS_BITS_PER_SEC_MIN, Math.floor(uplink / Math.max(1, peers.length)));
  return [
    classCommand("1:", "1:1", uplink, uplink),
    ...peers.flatMap((rules): Command[] => {
      const minor = minorOf(rules.peer);
      return [
        classCommand("1:1", `1:${minor}`, share, uplink),
        [
          "tc",
          "qdisc",
          "replace",
          "dev",
          SHAPED,
          "parent",
          `1:${minor}`,
          "handle",
          `${minor}:`,
          ...queueOf(rules, hasNetem),
        ],
        [
          ...["tc", "filter", "replace", "dev", SHAPED, "parent", "1:", "protocol", "ip", "prio", "1"],
          ...[
            "handle",
            `800::${minor}`,
            "u32",
            "match",
            "ip",
            "dst",
            `${rules.address}/32`,
            "flowid",
            `1:${minor}`,
          ],
        ],
      ];
    }),
  ];
}

/** Tables that these rules name, each once. */
export function tablesOf({ peers, hasNetem }: SendingRules): DelayTable[] {
  if (!hasNetem) return [];
  const tables = peers.flatMap(({ latency }) => netemDelay(latency).table ?? []);
  return [...new Map(tables.map((table) => [table.name, table])).values()];
}

/** The queue of this peer, as `tc` names it: hexadecimal, after the root's 0 and the uplink's 1. */
export function minorOf(peer: number): string {
  return (peer + 2).toString(16);
}

function classCommand(parent: string, id: string, rate: number, ceil: number): Command {
  return [
    ...["tc", "class", "replace", "dev", SHAPED, "parent", parent, "classid", id, "htb"],
    ...["rate", `${rate}bit`, "ceil", `${ceil}bit`, "burst", burstOf(rate), "cburst", burstOf(ceil)],
    ...["quantum", `${QUANTUM_BYTES}`],
  ];
}

function burstOf(bitsPerSec: number): string {
  return `${Math.max(1, Math.ceil((bitsPerSec * BURST_SEC) / 8))}b`;
}

/**
 * With a rate, netem keeps packets in order, as a link does: one that drew a short delay waits for those before it. The rate itself is none.
 * Source: Linux, net/sched/sch_netem.c, netem_enqueue().
 */
function queueOf({ latency, lossRatio }: PeerRules, hasNetem: boolean): string[] {
  const limit = ["limit", `${QUEUE_PACKETS_MAX}`];
  if (!hasNetem) return ["pfifo", ...limit];
  const { middleUs, spreadUs, table } = netemDelay(latency);
  const spread = table === null ? [] : [`${spreadUs}us`, "distribution", table.name];
  return [
    ...["netem", ...limit, "delay", `${middleUs}us`, ...spread],
    ...["loss", "random", `${percentText(lossRatio)}%`, "rate", `${UNLIMITED_BITS_PER_SEC}bit`],
  ];
}

/** As exact as the kernel's own 32 bits. */
function percentText(ratio: number): string {
  return (ratio * 100).toFixed(8).replace(/\.?0+$/, "");
}
