import { setTimeout } from "node:timers/promises";
import type { LiveNode } from "../backends/live/live-node.ts";
import { type NodeClient, NodeRequestError, type NodeStatus } from "../backends/live/node-client.ts";
import { type Evidence, joinEvidence, shortList } from "./evidence.ts";

/** A second sample after the change covers a whole second of the new rate, and samples come every second. */
const RATE_PROBE_TIMEOUT_MS = 5_000;

/** One second of hashing on a busy machine; the run's own check of the mean over minutes is stricter. */
const RATE_TOLERANCE_RATIO = 0.25;

const STOP_TIMEOUT_MS = 1_000;

const POLL_INTERVAL_MS = 50;

/** Killed nodes are gone for the system, and nothing listens in their place. */
export async function probeCrashed(nodes: readonly LiveNode[]): Promise<Evidence> {
  const alive = await namesOf(
    nodes,
    async (node) => (await isRunning(node)) || (await answers(node)) !== null,
  );
  return alive.length === 0
    ? { probed: true, evidence: `${countOf(nodes)} gone, nothing listens there` }
    : { probed: false, evidence: `still there: ${shortList(alive)}` };
}

/** Restarted nodes answer, with a chain no shorter than what they had told before the crash. */
export async function probeRestarted(
  nodes: readonly LiveNode[],
  heightsBefore: readonly number[],
): Promise<Evidence> {
  const findings = await Promise.all(
    nodes.map(async (node, i): Promise<Evidence> => {
      const status = await answers(node);
      const before = heightsBefore[i] ?? 0;
      if (status === null) return { probed: false, evidence: `${node.name} does not answer` };
      const evidence = `${node.name} is back with height ${status.height}, ${before} before`;
      return { probed: status.height >= before, evidence };
    }),
  );
  return joinEvidence(findings);
}

/** Nodes that stand still do so for the system, or where it cannot be asked, do not answer. */
export async function probePaused(nodes: readonly LiveNode[]): Promise<Evidence> {
  const moving = await namesOf(nodes, isMoving);
  return moving.length === 0
    ? { probed: true, evidence: `${countOf(nodes)} stopped` }
    : { probed: false, evidence: `not stopped: ${shortList(moving)}` };
}

/** The signal has been sent; each thread stops when it next has the processor, which on a busy machine takes a moment. */
async function isMoving(node: LiveNode): Promise<boolean> {
  const deadlineMs = performance.now() + STOP_TIMEOUT_MS;
  for (;;) {
    const stopped = (await node.life?.isFrozen()) ?? null;
    if (stopped === true) return false;
    if (stopped === null) return (await answers(node)) !== null;
    if (performance.now() > deadlineMs) return true;
    await setTimeout(POLL_INTERVAL_MS);
  }
}

export async function probeResumed(nodes: readonly LiveNode[]): Promise<Evidence> {
  const silent = await namesOf(nodes, async (node) => (await answers(node)) === null);
  return silent.length === 0
    ? { probed: true, evidence: `${countOf(nodes)} answering again` }
    : { probed: false, evidence: `no answer from ${shortList(silent)}` };
}

/** The rate asked for is the one in force, and over a second of it the node hashed as fast. Nodes that are not up show nothing. */
export async function probeHashRate(nodes: readonly LiveNode[], ending: AbortSignal): Promise<Evidence> {
  const up = nodes.filter((node) => node.state === "up");
  return joinEvidence(await Promise.all(up.map((node) => probeRateOf(node, ending))));
}

async function probeRateOf(node: LiveNode, ending: AbortSignal): Promise<Evidence> {
  const asked = node.hashesPerSec;
  const deadlineMs = performance.now() + RATE_PROBE_TIMEOUT_MS;
  let sample = node.heard.sample;
  let freshCount = 0;
  while (freshCount < 2) {
    if (ending.aborted || node.state !== "up" || node.hashesPerSec !== asked)
      return { probed: null, evidence: `${node.name}: over before its rate could be measured` };
    if (performance.now() > deadlineMs) return { probed: false, evidence: `${node.name} told no rate` };
    await setTimeout(POLL_INTERVAL_MS);
    if (node.heard.sample === sample) continue;
    sample = node.heard.sample;
    freshCount += 1;
  }
  const [inForce, achieved] = [sample?.hashesPerSecAsked ?? 0, sample?.hashesPerSecAchieved ?? 0];
  const evidence = `${node.name} hashes ${Math.round(achieved)} of ${Math.round(asked)} H/s`;
  if (inForce !== asked) return { probed: false, evidence: `${evidence}; it was asked ${inForce} H/s` };
  return { probed: Math.abs(achieved - asked) <= asked * RATE_TOLERANCE_RATIO, evidence };
}

async function answers(node: LiveNode): Promise<NodeStatus | null> {
  return await statusOrNull(node.client);
}

async function statusOrNull(client: NodeClient): Promise<NodeStatus | null> {
  try {
    return await client.status();
  } catch (error) {
    if (error instanceof NodeRequestError) return null;
    throw error;
  }
}

async function isRunning(node: LiveNode): Promise<boolean> {
  return (await node.life?.isRunning()) === true;
}

async function namesOf(
  nodes: readonly LiveNode[],
  isSo: (node: LiveNode) => Promise<boolean>,
): Promise<string[]> {
  const names = await Promise.all(nodes.map(async (node) => ((await isSo(node)) ? [node.name] : [])));
  return names.flat();
}

function countOf(nodes: readonly LiveNode[]): string {
  return nodes.length === 1 ? (nodes[0]?.name ?? "") : `${nodes.length} nodes`;
}
