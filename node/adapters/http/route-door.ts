import type { IncomingMessage, ServerResponse } from "node:http";
import type { ClientLimits } from "./client-limits.ts";
import { deliver } from "./deliver.ts";
import { ERRORS, errorBody } from "./error-table.ts";
import { Exchange } from "./exchange.ts";
import type { NodeContext } from "./node-context.ts";
import type { Route } from "./route.ts";
import { serveRoute } from "./serve-route.ts";
import type { Door } from "./web-server.ts";

/**
 * Serves the busiest routes past the framework, which takes as long as all the rest of such a request: those of the table that are open, and
 * have no parameters in their path. What a web page sends is left, so that its origin is looked at.
 */
export function routeDoor(
  routes: readonly Route<NodeContext>[],
  node: NodeContext,
  clients: ClientLimits,
): Door {
  const byTarget = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
  return (request, response) => {
    const { url = "", method, headers } = request;
    const end = url.indexOf("?");
    const route = byTarget.get(`${method} ${end < 0 ? url : url.slice(0, end)}`);
    if (route === undefined || headers.origin !== undefined) return false;
    serve(route, request, response, node, clients).catch((error: unknown) => {
      if (!response.headersSent) send(response, 500, {}, Buffer.from(JSON.stringify(INTERNAL)));
      node.fatal(error);
    });
    return true;
  };
}

const INTERNAL = errorBody("internal", ERRORS.internal.meaning);

async function serve(
  route: Route<NodeContext>,
  request: IncomingMessage,
  response: ServerResponse,
  node: NodeContext,
  clients: ClientLimits,
): Promise<void> {
  const startMs = performance.now();
  const exchange = new Exchange(request, response);
  const refused = clients.refusalOf(exchange.remoteAddress);
  const reply = refused ?? (await serveRoute(route, exchange, node));
  if (reply.kind === "taken") return;
  const { status, headers, body } = await deliver(reply, route.status ?? 200, exchange);
  send(response, status, headers, body);
  node.metrics.served(route.path, route.method, status, (performance.now() - startMs) / 1_000);
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer | string | null,
): void {
  const length = body === null ? {} : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(body ?? undefined);
}
