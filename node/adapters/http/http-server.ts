import type Router from "@koa/router";
import { addChainRoutes } from "./chain-routes.ts";
import { addControlRoutes } from "./control-routes.ts";
import { addEventRoutes } from "./event-routes.ts";
import { makeRouter } from "./make-router.ts";
import { measured } from "./measured.ts";
import { messageDoor } from "./message-door.ts";
import type { NodeContext } from "./node-context.ts";
import { addPeerRoutes } from "./peer-routes.ts";
import { addRegistryRoutes } from "./registry-routes.ts";
import { WebServer } from "./web-server.ts";

/** The node's HTTP server: API for people and the runner, and the door for peers' messages. */
export class HttpServer {
  readonly #server: WebServer;
  readonly #endReaders: () => void;

  constructor(node: NodeContext) {
    const router = makeRouter();
    this.#endReaders = addRoutes(router, node);
    this.#server = new WebServer(router, node.fatal, [measured(router, node.metrics)], messageDoor(node));
  }

  /** Resolves with the port; rejects with the system's error, such as EADDRINUSE. */
  listen(host: string, port: number): Promise<number> {
    return this.#server.listen(host, port);
  }

  /** Ends every connection, now. */
  async close(): Promise<void> {
    this.#endReaders();
    await this.#server.close();
  }
}

function addRoutes(router: Router, node: NodeContext): () => void {
  router.get("/status", (ctx) => {
    ctx.body = node.status();
  });
  router.get("/health", (ctx) => {
    ctx.body = { ok: true };
  });
  router.get("/metrics", async (ctx) => {
    ctx.type = node.metrics.contentType;
    ctx.body = await node.metrics.text();
  });
  addChainRoutes(router, node);
  addPeerRoutes(router, node);
  addControlRoutes(router, node);
  addRegistryRoutes(router, "/registry", node.directory);
  // Other implementations know no prefix.
  addRegistryRoutes(router, "", node.directory);
  return addEventRoutes(router, node);
}
