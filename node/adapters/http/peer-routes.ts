import type Router from "@koa/router";
import * as z from "zod";
import { peerUrl } from "../../schemas/decode.ts";
import { readBody, readJson, refuse } from "./answer.ts";
import { takeMessages } from "./message-door.ts";
import type { NodeContext } from "./node-context.ts";

const addPeerBody = z.strictObject({ url: peerUrl() });

/** Who this node is linked with, and what its peers say to it. */
export function addPeerRoutes(router: Router, node: NodeContext): void {
  const { peers, inbox } = node;

  router.get("/peers", (ctx) => {
    ctx.body = { peers: peers.list(), bans: peers.bans() };
  });

  router.post("/peers", async (ctx) => {
    const body = await readBody(ctx, addPeerBody);
    if (body === null) return;
    const outcome = await peers.add(body.url);
    if (!outcome.added) return void refuse(ctx, outcome.code, outcome.reason);
    ctx.body = outcome.peer;
  });

  router.post("/p2p/hello", async (ctx) => {
    const json = await readJson(ctx);
    if (json === null) return;
    const outcome = inbox.hello(json.value);
    if (outcome.ok) ctx.body = outcome.answer;
    else refuse(ctx, outcome.code, outcome.reason, outcome.details);
  });

  router.post("/p2p/messages", async (ctx) => {
    // Only what the door has left comes here.
    ctx.respond = false;
    await takeMessages(ctx.req, ctx.res, node);
  });
}
