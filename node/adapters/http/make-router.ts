import { createRequire } from "node:module";
import type Router from "@koa/router";

/**
 * A router. Required, not imported: as a module the package imports `node:http`, which evaluates every export of that, the lazy ones too: a WebSocket,
 * and with it a second undici, 12 MB of memory in each node.
 */
export function makeRouter(): Router {
  const required: typeof Router = createRequire(import.meta.url)("@koa/router");
  return new required();
}
