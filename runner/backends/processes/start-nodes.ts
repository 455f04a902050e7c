import { availableParallelism } from "node:os";
import { setTimeout } from "node:timers/promises";
import { EVENT_LOOP_LAG_MS_MAX } from "../../check/thresholds.ts";
import type { PlannedEdge } from "../../plan.ts";
import type { LinkPlan } from "./link-plan.ts";
import type { LiveNode } from "./live-node.ts";
import { NodeRequestError } from "./node-client.ts";

/** From the last node's listening to all links up: a handshake takes milliseconds, 200 of them on two busy cores some seconds. */
const LINKS_TIMEOUT_MS = 30_000;

/** Two samples, which come every second, and a half. */
const SETTLE_TIMEOUT_MS = 2_500;

const POLL_INTERVAL_MS = 50;

/** Nodes that start at a time: two a core keep every core busy while one of them waits for its disk. */
const STARTING_MAX = 2 * availableParallelism();

/** Starts all nodes, not mining yet, and links them as planned. Null when all stand, or why not. The first that fails ends it. */
export async function startNodes(
  nodes: readonly LiveNode[],
  links: LinkPlan,
  edges: readonly PlannedEdge[],
  signal: AbortSignal,
): Promise<string | null> {
  const problem = await startAll(nodes, links, signal);
  if (problem !== null) return problem;
  const genesisHashes = new Set(nodes.map((node) => node.genesisHash));
  if (genesisHashes.size > 1) return "the nodes do not agree on the genesis block";
  try {
    await Promise.all(
      edges.map(async ({ a, b }) => {
        const url = nodes[b]?.url;
        if (url != null) await nodes[a]?.client.addPeer(url);
      }),
    );
    const missing = await linksUp(nodes, links, signal);
    if (missing === null) await settle(nodes, signal);
    return missing;
  } catch (error) {
    if (error instanceof NodeRequestError) return `the nodes could not be linked: ${error.message}`;
    throw error;
  }
}

async function startAll(
  nodes: readonly LiveNode[],
  links: LinkPlan,
  signal: AbortSignal,
): Promise<string | null> {
  const waiting = [...nodes];
  let problem: string | null = null;
  const startSome = async () => {
    for (let node = waiting.shift(); node !== undefined && problem === null; node = waiting.shift()) {
      const options = { peers: [], isMining: false, signal };
      const failure = await node.start(links.conditionsOf(node.index), options);
      problem ??= failure;
    }
  };
  await Promise.all(Array.from({ length: STARTING_MAX }, startSome));
  return problem;
}

/** Waits until every node says that each of its links is up. */
async function linksUp(
  nodes: readonly LiveNode[],
  links: LinkPlan,
  signal: AbortSignal,
): Promise<string | null> {
  const deadlineMs = performance.now() + LINKS_TIMEOUT_MS;
  for (const node of nodes) {
    const wanted = links.peersOf(node.index).flatMap((peer) => nodes[peer]?.name ?? []);
    for (;;) {
      if (signal.aborted) return "interrupted while the nodes were being linked";
      const up = new Set(await node.client.peersUp());
      const missing = wanted.filter((name) => !up.has(name));
      if (missing.length === 0) break;
      if (performance.now() > deadlineMs)
        return `${node.name} has no link to ${missing.join(", ")} after ${LINKS_TIMEOUT_MS / 1_000} s`;
      await setTimeout(POLL_INTERVAL_MS);
    }
  }
  return null;
}

/**
 * Waits until the nodes have got over starting, which for some hundred milliseconds keeps their event loops busy: every one has told of a second
 * without lag. After `SETTLE_TIMEOUT_MS` the run begins all the same, and its own measures tell whether the machine is too slow.
 */
async function settle(nodes: readonly LiveNode[], signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + SETTLE_TIMEOUT_MS;
  const isCalm = ({ heard }: LiveNode) =>
    heard.sample !== null && (heard.sample.eventLoopLagMsP99 ?? 0) <= EVENT_LOOP_LAG_MS_MAX;
  while (!nodes.every(isCalm) && !signal.aborted && performance.now() < deadlineMs)
    await setTimeout(POLL_INTERVAL_MS);
}
