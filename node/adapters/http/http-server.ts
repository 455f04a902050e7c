import { tipTextOf } from "../../core/machine/tip-text.ts";
import { ChainPages } from "./chain-pages.ts";
import { ClientLimits } from "./client-limits.ts";
import { controlGuard } from "./control-guard.ts";
import { EncodedBlocks } from "./encoded-blocks.ts";
import { addRoutes } from "./koa-routes.ts";
import { makeRouter } from "./make-router.ts";
import { measured } from "./measured.ts";
import { messageDoor } from "./message-door.ts";
import type { NodeContext, ServedNode } from "./node-context.ts";
import { accessOf } from "./route.ts";
import { routeDoor } from "./route-door.ts";
import { WebServer } from "./web-server.ts";

/** The node's HTTP server: API for people and the runner, and the door for peers' messages. */
export class HttpServer {
  readonly #server: WebServer;
  readonly #readers = new Set<() => void>();

  constructor(served: ServedNode) {
    const { queries, controlToken, controlFrom, metrics, fatal } = served;
    const encoded = new EncodedBlocks((block) => queries.bodyOf(block));
    const pages = new ChainPages(queries, encoded);
    const tipText = () => tipTextOf(served.host.machine.tip);
    const node: NodeContext = {
      ...served,
      tipText,
      encoded,
      pages,
      streams: { count: 0 },
      readers: this.#readers,
    };
    const guard = controlGuard(controlToken, controlFrom);
    const router = makeRouter();
    addRoutes(router, served.routes, node, (route, exchange) =>
      accessOf(route) === "control" ? guard(exchange) : null,
    );
    const busy = served.routes.filter((route) => route.isBusy === true);
    const clients = new ClientLimits(served.clientRatePerSec, controlFrom);
    const doors = [messageDoor(node), routeDoor(busy, node, clients)];
    const { crossOrigin } = served;
    this.#server = new WebServer({
      router,
      fatal,
      before: [measured(router, metrics)],
      doors,
      clients,
      crossOrigin,
    });
  }

  /** Resolves with the port; rejects with the system's error, such as EADDRINUSE. */
  listen(host: string, port: number): Promise<number> {
    return this.#server.listen(host, port);
  }

  /** Ends every connection, now. */
  async close(): Promise<void> {
    for (const end of this.#readers) end();
    await this.#server.close();
  }
}
