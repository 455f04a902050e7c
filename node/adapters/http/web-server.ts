import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type Router from "@koa/router";
import Koa, { type Context, type Middleware, type Next } from "koa";
import { answerBrokenRequests } from "./broken-requests.ts";
import type { ClientLimits } from "./client-limits.ts";
import { ERRORS, type ErrorCode, errorBody } from "./error-table.ts";
import { DEFAULT_LIMITS, type ServerLimits } from "./server-limits.ts";

// Not imported, for the reason in make-router.ts.
const { createServer } = process.getBuiltinModule("node:http");

/** Takes a request past the framework, or leaves it: false. */
export type Door = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface WebServerParts {
  readonly router: Router;
  /** A mistake of ours surfaced in a handler. */
  readonly fatal: (error: unknown) => void;
  /** Sees every request first that no door takes. */
  readonly before?: readonly Middleware[];
  readonly doors?: readonly Door[];
  readonly clients?: ClientLimits;
  readonly limits?: ServerLimits;
  /** Paths below which pages of any origin may ask. */
  readonly crossOrigin?: readonly string[];
}

/** Serves the routes of a router, of a node or a registry, with the same bounds, guards and errors. */
export class WebServer {
  readonly #server: Server;

  constructor(parts: WebServerParts) {
    const { router, fatal, before = [], doors = [], clients, limits = DEFAULT_LIMITS } = parts;
    const app = new Koa();
    app.silent = true;
    for (const middleware of before) app.use(middleware);
    app.use(crossOrigin(parts.crossOrigin ?? []));
    app.use(guarded(fatal));
    if (clients !== undefined) app.use(counted(clients));
    app.use(ownOrigin);
    app.use(router.routes());
    app.use(fallback(router));
    const handle = app.callback();
    const serve = (request: IncomingMessage, response: ServerResponse) => {
      if (!doors.some((door) => door(request, response))) void handle(request, response);
    };
    this.#server = createServer(
      {
        headersTimeout: limits.headersMs,
        requestTimeout: limits.requestMs,
        connectionsCheckingInterval: limits.checkMs,
        keepAliveTimeout: limits.keepAliveMs,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: limits.probeAfterMs,
      },
      serve,
    );
    this.#server.maxConnections = limits.connectionsMax;
    this.#server.maxRequestsPerSocket = limits.requestsPerSocketMax;
    // Its last answer said that the connection closes: whoever goes on all the same finds it closed.
    this.#server.on("dropRequest", (_request, socket) => socket.destroy());
    this.#server.setTimeout(limits.idleMs, (socket) => socket.destroy());
    // Whoever asks whether to go on with an expectation that we do not know is answered as if it had not asked.
    this.#server.on("checkExpectation", serve);
    if (clients !== undefined) this.#server.on("connection", (socket) => clients.connected(socket));
    answerBrokenRequests(this.#server);
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

function refuse(
  ctx: Context,
  code: ErrorCode,
  message: string = ERRORS[code].meaning,
  details: Readonly<Record<string, unknown>> = {},
): void {
  ctx.status = ERRORS[code].status;
  ctx.body = errorBody(code, message, details);
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

/** What peers say to one another has bounds of its own. */
function counted(clients: ClientLimits) {
  return async (ctx: Context, next: Next): Promise<void> => {
    const refusal = ctx.path.startsWith("/p2p/")
      ? null
      : clients.refusalOf(ctx.req.socket.remoteAddress ?? "");
    if (refusal === null) return await next();
    refuse(ctx, refusal.code, refusal.message, refusal.details);
    ctx.set({ ...refusal.headers });
  };
}

/** Methods of the routes below such paths. */
const CROSS_ORIGIN_METHODS = "GET, POST, OPTIONS";

/** How long a browser may remember that it may ask, seconds. */
const PREFLIGHT_MAX_AGE_SEC = 600;

/** Below these paths a page of any origin may ask, and is told so before it does. Source: the Fetch standard, section 3.2 (CORS protocol). */
function crossOrigin(prefixes: readonly string[]) {
  return async (ctx: Context, next: Next): Promise<void> => {
    if (!prefixes.some((prefix) => ctx.path === prefix || ctx.path.startsWith(`${prefix}/`)))
      return await next();
    ctx.state.isCrossOrigin = true;
    ctx.set("access-control-allow-origin", "*");
    if (ctx.method !== "OPTIONS") return await next();
    ctx.set({
      "access-control-allow-methods": CROSS_ORIGIN_METHODS,
      "access-control-allow-headers": ctx.get("access-control-request-headers") || "content-type",
      "access-control-max-age": String(PREFLIGHT_MAX_AGE_SEC),
    });
    ctx.status = 204;
  };
}

/** A page of another origin may read what it is let read, and change nothing. */
async function ownOrigin(ctx: Context, next: Next): Promise<void> {
  const origin = ctx.get("origin");
  const isForeign =
    ctx.state.isCrossOrigin !== true &&
    origin !== "" &&
    (!URL.canParse(origin) || new URL(origin).host !== ctx.host);
  if (isForeign && ctx.method !== "GET" && ctx.method !== "HEAD") return refuse(ctx, "foreign-origin");
  await next();
}

/** No route took the request. */
function fallback(router: Router) {
  return (ctx: Context): void => {
    if (ctx._matchedRoute !== undefined || ctx.respond === false) return;
    const isKnownPath = router.stack.some((layer) => layer.match(ctx.path));
    if (isKnownPath) refuse(ctx, "method-not-allowed", `${ctx.method} is not what ${ctx.path} is for`);
    else refuse(ctx, "unknown-route", `no route ${ctx.path}`);
  };
}
