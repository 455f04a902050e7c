import type { Prng } from "../support/prng.ts";
import type { NodeEntry } from "./node-entry.ts";

/**
 * Up to `count` of the candidates to link with: always one of a host on which the fewest are linked or chosen so far, drawn among those hosts and
 * then among that host's nodes. So whoever runs many nodes on one host gets no more than one share of the links, as long as there are
 * other hosts. `linked` are nodes that links are held with already; candidates are not among them.
 */
export function choosePeers(
  candidates: readonly NodeEntry[],
  linked: readonly NodeEntry[],
  count: number,
  draws: Prng,
): NodeEntry[] {
  const linkCounts = new Map<string, number>();
  for (const { ip_address } of linked) linkCounts.set(ip_address, (linkCounts.get(ip_address) ?? 0) + 1);
  const byHost = new Map<string, NodeEntry[]>();
  for (const entry of draws.shuffle([...candidates])) {
    const others = byHost.get(entry.ip_address);
    if (others === undefined) byHost.set(entry.ip_address, [entry]);
    else others.push(entry);
  }
  const chosen: NodeEntry[] = [];
  while (chosen.length < count && byHost.size > 0) {
    const hosts = [...byHost.keys()];
    const fewest = Math.min(...hosts.map((host) => linkCounts.get(host) ?? 0));
    const least = hosts.filter((host) => (linkCounts.get(host) ?? 0) === fewest);
    const host = least[draws.integer(least.length)] ?? "";
    const entries = byHost.get(host) ?? [];
    const entry = entries.pop();
    if (entries.length === 0) byHost.delete(host);
    if (entry === undefined) continue;
    chosen.push(entry);
    linkCounts.set(host, fewest + 1);
  }
  return chosen;
}
