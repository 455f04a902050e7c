import { createHash, timingSafeEqual } from "node:crypto";
import type Router from "@koa/router";
import type { Context, Next } from "koa";
import * as z from "zod";
import { MINING_MODES } from "../../ports/mining-control.ts";
import { nodeName } from "../../schemas/decode.ts";
import { linkConditionsPatchSchema } from "../../schemas/link-conditions-schema.ts";
import { readBody, refuse } from "./answer.ts";
import type { NodeContext } from "./node-context.ts";

/** Above what any machine does: a rate that cannot be reached shows in the achieved one. */
const HASHES_PER_SEC_MAX = 1e15;

const miningBody = z.strictObject({
  mode: z.enum(MINING_MODES).optional(),
  hashesPerSec: z.number().min(0).max(HASHES_PER_SEC_MAX).optional(),
});

const probeBody = z.strictObject({
  peer: nodeName(),
  deadlineMs: z.int().min(10).max(30_000).default(2_000),
});

/** What only the operator may do, from this machine and with the token. */
export function addControlRoutes(router: Router, node: NodeContext): void {
  const guard = guardFor(node.controlToken);

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
    if (!node.peers.list().some((peer) => peer.name === body.peer)) return void refuse(ctx, "unknown-peer");
    ctx.body = await node.peers.probe(body.peer, body.deadlineMs);
  });

  router.post("/control/shutdown", guard, (ctx) => {
    ctx.status = 202;
    ctx.body = {};
    // After the answer is out.
    setImmediate(node.shutdown);
  });
}

function guardFor(token: string | null) {
  return async (ctx: Context, next: Next): Promise<void> => {
    if (token === null) return void refuse(ctx, "control-disabled");
    if (!isLoopback(ctx.req.socket.remoteAddress ?? "")) return void refuse(ctx, "control-not-local");
    const given = /^Bearer (.+)$/.exec(ctx.get("authorization"))?.[1];
    if (given === undefined || !isSameText(given, token)) return void refuse(ctx, "bad-token");
    await next();
  };
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}

/** In a time that tells nothing of where they differ: hashes have one length, whatever was given. */
function isSameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
