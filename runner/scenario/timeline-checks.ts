import type { Finding } from "./issues.ts";
import { type NodeRange, nodesOf } from "./node-set.ts";
import type { PartialSettings } from "./partial-settings.ts";
import type { Path } from "./source.ts";
import {
  FAULT_WORDS,
  type FaultWord,
  SCOPED_WORDS,
  type TimelineEntry,
  UNDOING_WORDS,
} from "./timeline-schema.ts";
import { checkStates } from "./timeline-state-checks.ts";

const at = (path: Path, message: string): Finding => ({ path, at: "value", message });

/** A line of the timeline with its place and its one word; lines that have more or fewer are left out. */
export interface TimelineLine {
  readonly index: number;
  readonly word: FaultWord;
  readonly entry: TimelineEntry;
}

/** What is wrong with lines that are well formed each for itself. */
export function checkTimeline(settings: PartialSettings): Finding[] {
  const findings: Finding[] = [];
  const lines: TimelineLine[] = [];
  for (const [index, entry] of (settings.timeline ?? []).entries()) {
    if (entry === null) continue;
    const words = wordsOf(entry);
    const [word, second] = words;
    if (word === undefined)
      findings.push(at(["timeline", index], `says nothing to do; expected one of ${FAULT_WORDS.join(", ")}`));
    else if (second !== undefined)
      findings.push(
        at(["timeline", index, second], `expected one word a line, found ${words.join(" and ")}`),
      );
    else lines.push({ index, word, entry });
  }
  for (const line of lines) findings.push(...checkTimes(line, settings), ...checkModifiers(line));
  const { nodeCount } = settings;
  if (nodeCount === undefined) return findings;
  for (const line of lines) findings.push(...checkNodes(line, nodeCount));
  // What is down or cut when is only clear once every line is sound.
  if (findings.length > 0 || settings.timeline?.includes(null)) return findings;
  return checkStates(lines, nodeCount);
}

export function wordsOf(entry: TimelineEntry): FaultWord[] {
  return FAULT_WORDS.filter((word) => entry[word] !== undefined);
}

function checkTimes({ index, entry }: TimelineLine, { duration }: PartialSettings): Finding[] {
  if (duration === undefined) return [];
  if (entry.at.us >= duration.us)
    return [at(["timeline", index, "at"], "expected a time before the end of the run")];
  if (entry.for === undefined || entry.at.us + entry.for.us <= duration.us) return [];
  return [at(["timeline", index, "for"], "expected to end by the end of the run")];
}

function checkModifiers({ index, word, entry }: TimelineLine): Finding[] {
  const findings: Finding[] = [];
  if (entry.nodes !== undefined && !SCOPED_WORDS.has(word))
    findings.push(at(["timeline", index, "nodes"], `does not go with ${word}, which names its nodes itself`));
  if (entry.for !== undefined && UNDOING_WORDS.has(word))
    findings.push(at(["timeline", index, "for"], `does not go with ${word}, which undoes something itself`));
  const { latency } = entry;
  if (
    latency !== undefined &&
    "kind" in latency &&
    latency.kind === "uniform" &&
    latency.min.us > latency.max.us
  )
    findings.push(at(["timeline", index, "latency", "min"], "expected at most max"));
  return findings;
}

function checkNodes({ index, word, entry }: TimelineLine, nodeCount: number): Finding[] {
  const path = ["timeline", index, word];
  const { partition, heal } = entry;
  if (partition !== undefined) return checkPartition(partition, path, nodeCount);
  if (heal !== undefined) return heal === "all" ? [] : checkGroups(heal, path, nodeCount);
  const named = entry.isolate ?? entry.crash ?? entry.restart ?? entry.pause ?? entry.resume;
  const findings = named === undefined ? [] : checkRange(named, path, nodeCount);
  return entry.nodes === undefined
    ? findings
    : checkRange(entry.nodes, ["timeline", index, "nodes"], nodeCount);
}

function checkPartition(
  partition: NonNullable<TimelineEntry["partition"]>,
  path: Path,
  nodeCount: number,
): Finding[] {
  if ("from" in partition) {
    const { from, to } = partition;
    const findings = [
      ...checkRange(from, [...path, "from"], nodeCount),
      ...checkRange(to, [...path, "to"], nodeCount),
    ];
    const senders = new Set(nodesOf(from, nodeCount));
    const both = nodesOf(to, nodeCount).find((node) => senders.has(node));
    if (both !== undefined) findings.push(at([...path, "to"], `node ${both} is in from as well`));
    return findings;
  }
  const findings = checkGroups(partition, path, nodeCount);
  if (findings.length > 0) return findings;
  const named = new Set(partition.flatMap((group) => nodesOf(group, nodeCount)));
  const missing = Array.from({ length: nodeCount }, (_, node) => node).filter((node) => !named.has(node));
  if (missing.length === 0) return [];
  return [at(path, `${listNodes(missing)} in no group; every node of the ${nodeCount} is in exactly one`)];
}

/** Groups of existing nodes, no node in two. */
function checkGroups(groups: readonly (readonly NodeRange[])[], path: Path, nodeCount: number): Finding[] {
  const findings: Finding[] = [];
  const groupOf = new Map<number, number>();
  for (const [group, ranges] of groups.entries()) {
    findings.push(...checkRange(ranges, [...path, group], nodeCount));
    const twice = nodesOf(ranges, nodeCount).filter((node) => groupOf.has(node));
    for (const node of nodesOf(ranges, nodeCount)) groupOf.set(node, group);
    if (twice.length > 0)
      findings.push(at([...path, group], `${listNodes(twice)} in an earlier group already`));
  }
  return findings;
}

function checkRange(ranges: readonly NodeRange[], path: Path, nodeCount: number): Finding[] {
  const outside = ranges.find(({ last }) => last >= nodeCount && last !== Number.POSITIVE_INFINITY);
  if (outside === undefined) return [];
  return [at(path, `there is no node ${outside.last}: nodes are 0 to ${nodeCount - 1}`)];
}

/** "node 3 is", "nodes 3, 4 and 7 are". */
export function listNodes(nodes: readonly number[]): string {
  if (nodes.length === 1) return `node ${nodes[0]} is`;
  const shown = nodes.length > 6 ? [...nodes.slice(0, 5), `${nodes.length - 5} more`] : nodes;
  return `nodes ${shown.slice(0, -1).join(", ")} and ${shown.at(-1)} are`;
}
