import type Router from "@koa/router";
import type { Context, Next } from "koa";
import type { HttpMetrics } from "./node-context.ts";

/** Methods that are told apart; a client may send any other that the parser lets pass. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]);

/** What stands for the pattern where no route took the request. */
const NO_ROUTE = "none";

/** Middleware that counts and times what is answered, by route, method and status. Tells of every route of the router beforehand. */
export function measured(router: Router, metrics: HttpMetrics) {
  metrics.routeAdded(NO_ROUTE, "GET");
  for (const { path, methods } of router.stack)
    for (const method of methods) if (method !== "HEAD") metrics.routeAdded(String(path), method);
  return async (ctx: Context, next: Next): Promise<void> => {
    const startMs = performance.now();
    await next();
    if (ctx.respond === false) return;
    // The route's pattern, never the path: whoever makes up paths must not make up time series.
    const route = typeof ctx._matchedRoute === "string" ? ctx._matchedRoute : NO_ROUTE;
    const method = METHODS.has(ctx.method) ? ctx.method : "other";
    metrics.served(route, method, ctx.status, (performance.now() - startMs) / 1_000);
  };
}
