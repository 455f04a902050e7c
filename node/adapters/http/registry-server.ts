import * as z from "zod";
import type { NodeDirectory } from "../../ports/node-directory.ts";
import { addRoutes } from "./koa-routes.ts";
import { makeRouter } from "./make-router.ts";
import { value } from "./reply.ts";
import { route } from "./route.ts";
import { registryRoutes } from "./routes/registry-routes.ts";
import { WebServer } from "./web-server.ts";

const healthRoute = route({
  method: "GET",
  path: "/health",
  section: "discovery",
  text: '`{"ok":true}` as long as the registry runs.',
  answer: z.object({ ok: z.literal(true) }),
  handle: () => value({ ok: true as const }),
});

/** The HTTP server of a registry process. */
export function makeRegistryServer(directory: NodeDirectory, fatal: (error: unknown) => void): WebServer {
  const router = makeRouter();
  const routes = [healthRoute, ...registryRoutes("/registry"), ...registryRoutes("")];
  addRoutes(router, routes, { directory }, () => null);
  return new WebServer({ router, fatal });
}
