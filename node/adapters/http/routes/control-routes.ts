import * as z from "zod";
import { MINING_MODES } from "../../../ports/mining-control.ts";
import { nodeName } from "../../../schemas/decode.ts";
import { linkConditionsPatchSchema } from "../../../schemas/link-conditions-schema.ts";
import type { NodeContext } from "../node-context.ts";
import { refusal, value } from "../reply.ts";
import { route } from "../route.ts";
import { linkConditionsShape, measureShape, miningShape, probeShape } from "../shapes/node-shapes.ts";

/** Above what any machine does: a rate that cannot be reached shows in the achieved one. */
const HASHES_PER_SEC_MAX = 1e15;

const miningBody = z.strictObject({
  mode: z.enum(MINING_MODES).optional(),
  hashesPerSec: z.number().min(0).max(HASHES_PER_SEC_MAX).optional(),
});

const deadlineMs = () => z.int().min(10).max(30_000).default(2_000);

const probeBody = z.strictObject({ peer: nodeName(), deadlineMs: deadlineMs() });

/** So long at most a measure keeps a node's uplink from its own messages. */
const UPLINK_MS_MAX = 1_000;

const measureBody = z.strictObject({
  peer: nodeName(),
  drawKey: z.int().min(0).max(0xffff_ffff),
  uplinkMs: z.int().min(0).max(UPLINK_MS_MAX).default(0),
  waitMs: z.int().min(0).max(30_000).default(2_000),
  deadlineMs: deadlineMs(),
});

const linksRoute = route({
  method: "PUT",
  path: "/control/links",
  section: "control",
  access: "control",
  text: 'Changes the conditions of what this node sends, and answers those in force. {default, links: {NAME: condition}, uplinkBitsPerSec, blockPaddingBytes}, each of which may be left out; a condition is {latency, lossRatio, cut}, each of which may be left out. A latency is {kind: "constant", delayUs}, {kind: "uniform", minUs, maxUs}, {kind: "exponential", meanUs} or {kind: "lognormal", medianUs, sigma}. Links that were named keep conditions of their own when the default changes.',
  body: linkConditionsPatchSchema,
  answer: linkConditionsShape,
  handle: ({ body }, { peers }: NodeContext) => {
    peers.setConditions(body);
    return value(peers.conditions());
  },
});

const miningRoute = route({
  method: "PUT",
  path: "/control/mining",
  section: "control",
  access: "control",
  text: "{mode, hashesPerSec}, each of which may be left out; answers both.",
  body: miningBody,
  answer: miningShape,
  handle: ({ body }, { mining, host }: NodeContext) => {
    if (body.hashesPerSec !== undefined) mining.setHashRate(host.view, body.hashesPerSec);
    if (body.mode !== undefined) mining.setMode(body.mode);
    return value({ mode: mining.mode, hashesPerSec: mining.hashesPerSecAsked });
  },
});

const probeRoute = route({
  method: "POST",
  path: "/control/probe",
  section: "control",
  access: "control",
  text: "{peer, deadlineMs = 2000}: sends a probe over the shaped link and answers {reached, oneWayMs, roundTripMs}. The peer acknowledges past its own shaper, so `reached` and `oneWayMs` are of this direction alone; `roundTripMs` is null if the answer did not come back over the peer's shaped link. Answers when both are known, or at the deadline.",
  body: probeBody,
  answer: probeShape,
  errors: ["unknown-peer"],
  handle: async ({ body }, node: NodeContext) =>
    isPeer(node, body.peer)
      ? value(await node.peers.probe(body.peer, body.deadlineMs))
      : refusal("unknown-peer"),
});

const measureRoute = route({
  method: "POST",
  path: "/control/measure",
  section: "control",
  access: "control",
  text: "{peer, drawKey, uplinkMs = 0, waitMs = 2000, deadlineMs = 2000}: sends a message of 17 bytes over the shaped link, which draws latency and loss as a message with this key (0 to 2^32 - 1), at a moment when nothing under way holds it up; answers {sent, oneWayMs, spacingMs, spacingBytes}. With `uplinkMs` (to 1000) a second message follows in the same turn, with the same draws, as large as the uplink in force carries in that time, 16 MiB at most: `spacingMs` is by how much later it came, by the peer's clock, and `spacingBytes` what the uplink carried in between. The first is then of 1501 bytes if the second is of more than 1500, so that both wait for what the node is sending. The sizes are counted, as those of padded blocks, and not carried. What did not come within `deadlineMs` is null; `sent` is false if there was no such moment within `waitMs`, or no link.",
  body: measureBody,
  answer: measureShape,
  errors: ["unknown-peer"],
  handle: async ({ body: { peer, ...request } }, node: NodeContext) =>
    isPeer(node, peer) ? value(await node.peers.measure(peer, request)) : refusal("unknown-peer"),
});

const shutdownRoute = route({
  method: "POST",
  path: "/control/shutdown",
  section: "control",
  access: "control",
  text: "Ends the node as SIGTERM does.",
  status: 202,
  answer: z.object({}),
  handle: (_asked, { shutdown }: NodeContext) => {
    // After the answer is out.
    setImmediate(shutdown);
    return value({});
  },
});

function isPeer(node: NodeContext, name: string): boolean {
  return node.peers.list().some((peer) => peer.name === name);
}

export const controlRoutes = [linksRoute, miningRoute, probeRoute, measureRoute, shutdownRoute];
