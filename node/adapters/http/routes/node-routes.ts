import * as z from "zod";
import type { NodeContext } from "../node-context.ts";
import { refusal, value } from "../reply.ts";
import { route } from "../route.ts";
import { readinessShape, statusShape } from "../shapes/node-shapes.ts";

const statusRoute = route({
  method: "GET",
  path: "/status",
  section: "node",
  text: "name, version, genesis, chain {name, seal, blockReward}, height, tip, work, mempool {count, bytes}, peers {count, up}, storage {damagedCount (records found damaged since the start), missingCount (of them blocks that have not come again from peers)}, mining {mode, hashesPerSecAsked, hashesPerSecAchieved}, eventLoopLagMs {p50, p99} of the last second, notReady (why not, as `GET /ready` has it), uptimeSec, minerAccount, coins (sum of all balances), coinsExpected (what allocations and rewards should have made of it). Null: not measured yet.",
  answer: statusShape,
  handle: (_asked, node: NodeContext) => value({ ...node.status(), notReady: [...node.readiness().reasons] }),
});

const healthRoute = route({
  method: "GET",
  path: "/health",
  section: "node",
  text: '`{"ok":true}` as long as the node runs.',
  answer: z.object({ ok: z.literal(true) }),
  handle: (_asked, _node: NodeContext) => value({ ok: true as const }),
});

const readyRoute = route({
  method: "GET",
  path: "/ready",
  section: "node",
  text: "200 when the node is in sync: {ready, height, tipAgeSec, peers {count, up}}. Otherwise 503 `not-ready` with `details.reasons`, [below](#when-a-node-is-ready).",
  answer: readinessShape,
  errors: ["not-ready"],
  handle: (_asked, node: NodeContext) => {
    const { reasons, ...state } = node.readiness();
    return reasons.length === 0
      ? value({ ready: true as const, ...state })
      : refusal("not-ready", reasons.map(({ text }) => text).join("; "), { reasons, ...state });
  },
});

const metricsRoute = route({
  method: "GET",
  path: "/metrics",
  section: "node",
  text: "Prometheus' text format; [metrics.md](metrics.md).",
  answer: null,
  types: ["text/plain; version=0.0.4; charset=utf-8"],
  handle: async (_asked, { metrics }: NodeContext) => ({
    kind: "bytes" as const,
    body: Buffer.from(await metrics.text()),
    type: metrics.contentType,
  }),
});

export const nodeRoutes = [statusRoute, healthRoute, readyRoute, metricsRoute];
