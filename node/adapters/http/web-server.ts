import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type Router from "@koa/router";
import Koa, { type Context, type Middleware, type Next } from "koa";
import { refuse } from "./answer.ts";

// Not imported, for the reason in make-router.ts.
const { createServer } = process.getBuiltinModule("node:http");

/** Connections at once: two from each of 128 peers, and as many again for readers and users. */
const CONNECTIONS_MAX = 512;

/** How long a request may take to come in, ms. */
const REQUEST_TIMEOUT_MS = 30_000;

/** How long an idle connection is kept, ms: longer than peers keep theirs, so that none posts into one that closes. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Takes a request past the framework, or leaves it: false. */
type Door = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Serves the routes of a router, of a node or a registry, with the same bounds, guards and errors. */
export class WebServer {
  readonly #server: Server;

  /** `fatal` is told of a mistake of ours that surfaced in a handler; `before` sees every request first that `door` leaves. */
  constructor(
    router: Router,
    fatal: (error: unknown) => void,
    before: readonly Middleware[] = [],
    door: Door = () => false,
  ) {
    const app = new Koa();
    app.silent = true;
    for (const middleware of before) app.use(middleware);
    app.use(guarded(fatal));
    app.use(ownOrigin);
    app.use(router.routes());
    app.use(fallback(router));
    const handle = app.callback();
    this.#server = createServer(
      { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS, noDelay: true },
      (request, response) => {
        if (!door(request, response)) void handle(request, response);
      },
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** Resolves with the port; rejects with the system's error, such as EADDRINUSE. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Ends every connection, now. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Errors that the framework makes of bad requests are answered; any other is a mistake of ours. */
function guarded(fatal: (error: unknown) => void) {
  return async (ctx: Context, next: Next): Promise<void> => {
    try {
      await next();
    } catch (error) {
      const status = error instanceof Error && "status" in error ? Number(error.status) : 500;
      if (status >= 400 && status < 500) {
        refuse(ctx, "bad-request", error instanceof Error ? error.message : undefined);
        return;
      }
      refuse(ctx, "internal");
      fatal(error);
    }
  };
}

/** A page of another origin may read what it is let read, and change nothing. */
async function ownOrigin(ctx: Context, next: Next): Promise<void> {
  const origin = ctx.get("origin");
  const isForeign = origin !== "" && (!URL.canParse(origin) || new URL(origin).host !== ctx.host);
  if (isForeign && ctx.method !== "GET" && ctx.method !== "HEAD") return void refuse(ctx, "foreign-origin");
  await next();
}

/** No route took the request. */
function fallback(router: Router) {
  return (ctx: Context): void => {
    if (ctx.body !== undefined || ctx.respond === false) return;
    const isKnownPath = router.stack.some((layer) => layer.match(ctx.path));
    if (isKnownPath) refuse(ctx, "method-not-allowed", `${ctx.method} is not what ${ctx.path} is for`);
    else refuse(ctx, "unknown-route", `no route ${ctx.path}`);
  };
}
