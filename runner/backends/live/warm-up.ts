import type { ChainParameters } from "../../../node/core/rules/parameters.ts";
import { MICROS_PER_SEC } from "../../../node/core/support/micros.ts";
import { EVENT_LOOP_LAG_MS_MAX } from "../../check/thresholds.ts";
import type { EventLoopWatch } from "./event-loop-watch.ts";
import type { LastHeard } from "./live-node.ts";
import type { NodeClient } from "./node-client.ts";

/**
 * At this rate a node loads what it hashes with, starts the threads that its own rate needs, and its first hash counts after eleven days. Twenty threads
 * that start keep two cores busy for a second or two, in which no node answers in time: without this the first two seconds of a run of twenty nodes had lags
 * of 200 ms.
 */
const WARM_UP_HASHES_PER_SEC = 1e-6;

/**
 * Over so long the threads are started, ms. Each node looks at its work once a second from then on: nodes that were told in one moment would do
 * so in one moment for the rest of the run, and be in one another's way.
 */
const SPREAD_MS = 1_000;

/** How long nodes may take to become calm, ms: usually two samples, which come every second; more on a machine that is too busy for them. */
const CALM_TIMEOUT_MS = 5_000;

const POLL_INTERVAL_MS = 50;

/** What of a `LiveNode` this needs. */
export interface WarmingNode {
  readonly hashesPerSec: number;
  readonly client: Pick<NodeClient, "putMining">;
  readonly heard: Pick<LastHeard, "sample">;
  readonly eventLoop: Pick<EventLoopWatch, "begin">;
}

/**
 * Has the nodes, which are up and linked, do what they would else do in the first seconds of the run, and waits until every one has told of a
 * whole second without lag. After `CALM_TIMEOUT_MS` the run begins all the same; each node keeps whether it was calm, and the run's own measures
 * tell whether the machine is too slow. Throws a `NodeRequestError` when a node does not do as it is told.
 */
export async function warmUp(
  nodes: readonly WarmingNode[],
  seal: ChainParameters["seal"],
  signal: AbortSignal,
): Promise<void> {
  // Blocks that are drawn need no thread.
  if (seal === "hash") await startThreads(nodes, signal);
  const startedMs = performance.now();
  const startedEpochUs = (performance.timeOrigin + startedMs) * 1_000;
  const isCalm = ({ heard: { sample } }: WarmingNode) =>
    sample !== null &&
    sample.atUs >= startedEpochUs + MICROS_PER_SEC &&
    (sample.eventLoopLagMsP99 ?? 0) <= EVENT_LOOP_LAG_MS_MAX;
  const isOver = () => signal.aborted || performance.now() - startedMs > CALM_TIMEOUT_MS;
  while (!nodes.every(isCalm) && !isOver()) await sleep(POLL_INTERVAL_MS);
  for (const node of nodes) node.eventLoop.begin(isCalm(node));
}

async function startThreads(nodes: readonly WarmingNode[], signal: AbortSignal): Promise<void> {
  await Promise.all(
    nodes.map(async (node, place) => {
      await sleep((SPREAD_MS * place) / nodes.length);
      if (node.hashesPerSec > 0 && !signal.aborted) await node.client.putMining(WARM_UP_HASHES_PER_SEC);
    }),
  );
}

async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
