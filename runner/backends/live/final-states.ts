import { setTimeout } from "node:timers/promises";
import type { NodeEnd } from "../backend.ts";
import type { LiveNode } from "./live-node.ts";
import { NodeRequestError, type NodeStatus } from "./node-client.ts";

/** After mining ended: for blocks that are on their way, and for events that are. The slowest link has a few hundred ms. */
const REST_TIMEOUT_MS = 3_000;

/** A network is at rest when no tip has moved for so long: longer than almost any single message is on its way. */
const QUIET_MS = 150;

/**
 * Asks each running node where it stands, once the network is at rest and the journal has all that the nodes told: after that both say
 * the same, or the run is not to be trusted. Bounded: a network that never rests is asked as it is.
 */
export async function finalStates(nodes: readonly LiveNode[]): Promise<NodeEnd[]> {
  const deadlineMs = performance.now() + REST_TIMEOUT_MS;
  let tips = tipsOf(nodes);
  let quietSinceMs = performance.now();
  for (;;) {
    await setTimeout(20);
    const now = tipsOf(nodes);
    if (now !== tips) quietSinceMs = performance.now();
    tips = now;
    const isLate = performance.now() > deadlineMs;
    if (!isLate && performance.now() - quietSinceMs < QUIET_MS) continue;
    const statuses = await Promise.all(nodes.map(statusOf));
    const agrees = nodes.every((node, i) => {
      const status = statuses[i] ?? null;
      return status === null || node.heard.tipHash === null || node.heard.tipHash === status.tip;
    });
    if (agrees || isLate) return nodes.map((node, i) => toNodeEnd(node, statuses[i] ?? null));
  }
}

function tipsOf(nodes: readonly LiveNode[]): string {
  return nodes.map((node) => node.heard.tipHash).join();
}

async function statusOf(node: LiveNode): Promise<NodeStatus | null> {
  if (node.state !== "up") return null;
  try {
    return await node.client.status();
  } catch (error) {
    if (!(error instanceof NodeRequestError)) throw error;
    node.failure ??= `at the end of the run it did not say where it stood: ${error.message}`;
    return null;
  }
}

function toNodeEnd(node: LiveNode, status: NodeStatus | null): NodeEnd {
  return {
    node: node.index,
    up: status !== null,
    tipHash: status?.tip ?? null,
    height: status?.height ?? null,
    coins: status?.coins ?? null,
    coinsExpected: status?.coinsExpected ?? null,
    failure: node.failure,
    eventLoop: node.eventLoop.record,
  };
}
