import type { NodeDirectory } from "../../ports/node-directory.ts";
import { makeRouter } from "./make-router.ts";
import { addRegistryRoutes } from "./registry-routes.ts";
import { WebServer } from "./web-server.ts";

/** The HTTP server of a registry process. */
export function makeRegistryServer(directory: NodeDirectory, fatal: (error: unknown) => void): WebServer {
  const router = makeRouter();
  router.get("/health", (ctx) => {
    ctx.body = { ok: true };
  });
  addRegistryRoutes(router, "/registry", directory);
  addRegistryRoutes(router, "", directory);
  return new WebServer(router, fatal);
}
