import { availableParallelism } from "node:os";
import { setTimeout } from "node:timers/promises";
import type { PlannedEdge } from "../../plan.ts";
import type { LinkPlan } from "./link-plan.ts";
import type { LiveNode } from "./live-node.ts";
import { NodeRequestError } from "./node-client.ts";
import type { NodePlace } from "./node-life.ts";

/** From the last node's listening to all links up: a handshake takes milliseconds, 200 of them on two busy cores some seconds. */
const LINKS_TIMEOUT_MS = 30_000;

const POLL_INTERVAL_MS = 50;

/** Nodes that start at a time: two a core keep every core busy while one of them waits for its disk. */
const STARTING_MAX = 2 * availableParallelism();

export interface NodesToStart {
  readonly nodes: readonly LiveNode[];
  readonly links: LinkPlan;
  readonly edges: readonly PlannedEdge[];
  readonly place: NodePlace;
  readonly signal: AbortSignal;
}

/** Starts all nodes, not mining yet, and links them as planned. Null when all stand, or why not. The first that fails ends it. */
export async function startNodes(network: NodesToStart): Promise<string | null> {
  const { nodes, links, edges, signal } = network;
  const problem = await startAll(network);
  if (problem !== null) return problem;
  const genesisHashes = new Set(nodes.map((node) => node.genesisHash));
  if (genesisHashes.size > 1) return "the nodes do not agree on the genesis block";
  try {
    await Promise.all(
      edges.map(async ({ a, b }) => {
        const url = nodes[b]?.life?.peerUrl;
        if (url !== undefined) await nodes[a]?.client.addPeer(url);
      }),
    );
    return await linksUp(nodes, links, signal);
  } catch (error) {
    if (error instanceof NodeRequestError) return `the nodes could not be linked: ${error.message}`;
    throw error;
  }
}

async function startAll({ nodes, links, place, signal }: NodesToStart): Promise<string | null> {
  const waiting = [...nodes];
  let problem: string | null = null;
  const startSome = async () => {
    for (let node = waiting.shift(); node !== undefined && problem === null; node = waiting.shift()) {
      const options = { place, peers: [], isMining: false, signal };
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
      const up = new Set(await peersUpOf(node));
      const missing = wanted.filter((name) => !up.has(name));
      if (missing.length === 0) break;
      if (performance.now() > deadlineMs)
        return `${node.name} has no link to ${missing.join(", ")} after ${LINKS_TIMEOUT_MS / 1_000} s`;
      await setTimeout(POLL_INTERVAL_MS);
    }
  }
  return null;
}

/** None of a node that does not answer in time: while all nodes of a run greet each other, one may be too busy, and is asked again. */
async function peersUpOf(node: LiveNode): Promise<string[]> {
  try {
    return await node.client.peersUp();
  } catch (error) {
    if (!(error instanceof NodeRequestError)) throw error;
    return [];
  }
}
