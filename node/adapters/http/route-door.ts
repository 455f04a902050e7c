import type { ServerResponse } from "node:http";
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
 * have no parameter in their path, or one at its end. What a web page sends is left, so that its origin is looked at.
 */
export function routeDoor(
  routes: readonly Route<NodeContext>[],
  node: NodeContext,
  clients: ClientLimits,
): Door {
  const byTarget = new Map(routes.map((route) => [`${route.method} ${fixedPart(route.path)}`, route]));
  return (request, response) => {
    const { url = "", method, headers } = request;
    if (headers.origin !== undefined) return false;
    const end = url.indexOf("?");
    const path = end < 0 ? url : url.slice(0, end);
    const last = path.lastIndexOf("/") + 1;
    const route = byTarget.get(`${method} ${path}`) ?? byTarget.get(`${method} ${path.slice(0, last)}`);
    if (route === undefined) return false;
    const params = route.path === path ? {} : paramsOf(route.path, path.slice(last));
    if (params === null) return false;
    serve(route, new Exchange(request, response, params), node, clients).catch((error: unknown) => {
      if (!response.headersSent) send(response, 500, {}, Buffer.from(JSON.stringify(INTERNAL)));
      node.fatal(error);
    });
    return true;
  };
}

/** Up to the parameter at the end, if there is one. */
function fixedPart(path: string): string {
  return path.slice(0, path.indexOf(":") < 0 ? path.length : path.indexOf(":"));
}

/** Null: none, or nothing that can be decoded; the framework has its own way with those. */
function paramsOf(pattern: string, encoded: string): Readonly<Record<string, string>> | null {
  const name = pattern.slice(fixedPart(pattern).length + 1);
  if (name === "" || encoded === "") return null;
  try {
    return { [name]: decodeURIComponent(encoded) };
  } catch {
    // No UTF-8 behind its percent signs.
    return null;
  }
}

const INTERNAL = errorBody("internal", ERRORS.internal.meaning);

async function serve(
  route: Route<NodeContext>,
  exchange: Exchange,
  node: NodeContext,
  clients: ClientLimits,
): Promise<void> {
  const startMs = performance.now();
  const { response } = exchange;
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
