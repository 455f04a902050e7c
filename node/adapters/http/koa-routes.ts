import type Router from "@koa/router";
import type { Context } from "koa";
import { deliver } from "./deliver.ts";
import { Exchange } from "./exchange.ts";
import { type Refusal, refusal } from "./reply.ts";
import type { Route } from "./route.ts";
import { serveRoute } from "./serve-route.ts";

/** Refuses a request to a route before anything of it is looked at; null lets it in. */
export type Guard<C> = (route: Route<C>, exchange: Exchange) => Refusal | null;

/** Serves a table of routes through the framework's router. */
export function addRoutes<C>(router: Router, routes: readonly Route<C>[], context: C, guard: Guard<C>): void {
  for (const route of routes)
    router.register(route.path, [route.method], async (ctx: Context) => {
      const exchange = new Exchange(ctx.req, ctx.res, ctx.params);
      const reply =
        guard(route, exchange) ?? pathFault(ctx.path) ?? (await serveRoute(route, exchange, context));
      if (reply.kind === "taken") {
        ctx.respond = false;
        return;
      }
      const { status, headers, body } = await deliver(reply, route.status ?? 200, exchange);
      ctx.status = status;
      ctx.set({ ...headers });
      ctx.body = body;
      if (body === null) ctx.status = status;
    });
}

/** The router leaves a part of a path as it is when it cannot decode it, and then it would pass for another name. */
function pathFault(path: string): Refusal | null {
  try {
    decodeURIComponent(path);
    return null;
  } catch {
    // Its only error is the one that is told of.
    return refusal("bad-request", "the path is not UTF-8");
  }
}
