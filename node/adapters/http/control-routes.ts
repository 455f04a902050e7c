import { createHash, timingSafeEqual } from "node:crypto";
import type { BlockList } from "node:net";
import type Router from "@koa/router";
import type { Context, Next } from "koa";
import * as z from "zod";
import { MINING_MODES } from "../../ports/mining-control.ts";
import { nodeName } from "../../schemas/decode.ts";
import { linkConditionsPatchSchema } from "../../schemas/link-conditions-schema.ts";
import { blockListOf, isIn } from "../../schemas/network.ts";
import { readBody, refuse } from "./answer.ts";
import type { NodeContext } from "./node-context.ts";

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

/** What only the operator may do, from where that is allowed and with the token. */
export function addControlRoutes(router: Router, node: NodeContext): void {
  const guard = guardFor(node.controlToken, blockListOf(node.controlFrom));

  router.put("/control/links", guard, async (ctx) => {
    const patch = await readBody(ctx, linkConditionsPatchSchema);
    if (patch === null) return;
    node.peers.setConditions(patch);
    ctx.body = node.peers.conditions();
  });

  router.put("/control/mining", guard, async (ctx) => {
    const body = await readBody(ctx, miningBody);
    if (body === null) return;
    const { mining } = node;
    if (body.hashesPerSec !== undefined) mining.setHashRate(node.host.view, body.hashesPerSec);
    if (body.mode !== undefined) mining.setMode(body.mode);
    ctx.body = { mode: mining.mode, hashesPerSec: mining.hashesPerSecAsked };
  });

  router.post("/control/probe", guard, async (ctx) => {
    const body = await readBody(ctx, probeBody);
    if (body === null) return;
    if (!isPeer(node, body.peer)) return void refuse(ctx, "unknown-peer");
    ctx.body = await node.peers.probe(body.peer, body.deadlineMs);
  });

  router.post("/control/measure", guard, async (ctx) => {
    const body = await readBody(ctx, measureBody);
    if (body === null) return;
    if (!isPeer(node, body.peer)) return void refuse(ctx, "unknown-peer");
    const { peer, ...request } = body;
    ctx.body = await node.peers.measure(peer, request);
  });

  router.post("/control/shutdown", guard, (ctx) => {
    ctx.status = 202;
    ctx.body = {};
    // After the answer is out.
    setImmediate(node.shutdown);
  });
}

function isPeer(node: NodeContext, name: string): boolean {
  return node.peers.list().some((peer) => peer.name === name);
}

function guardFor(token: string | null, allowed: BlockList) {
  return async (ctx: Context, next: Next): Promise<void> => {
    if (token === null) return void refuse(ctx, "control-disabled");
    if (!isIn(allowed, ctx.req.socket.remoteAddress ?? "")) return void refuse(ctx, "control-not-local");
    const given = /^Bearer (.+)$/.exec(ctx.get("authorization"))?.[1];
    if (given === undefined || !isSameText(given, token)) return void refuse(ctx, "bad-token");
    await next();
  };
}

/** In a time that tells nothing of where they differ: hashes have one length, whatever was given. */
function isSameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
