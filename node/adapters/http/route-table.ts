import type { NodeContext } from "./node-context.ts";
import { openApiDocument } from "./openapi.ts";
import { type Route, route } from "./route.ts";
import { accountRoutes } from "./routes/account-routes.ts";
import { chainRoutes } from "./routes/chain-routes.ts";
import { controlRoutes } from "./routes/control-routes.ts";
import { eventsRoute } from "./routes/event-route.ts";
import { mineRoute } from "./routes/mine-route.ts";
import { nodeRoutes } from "./routes/node-routes.ts";
import { webFileRoute, withPages } from "./routes/page-routes.ts";
import { peerRoutes } from "./routes/peer-routes.ts";
import { registryRoutes } from "./routes/registry-routes.ts";
import { transactionRoutes } from "./routes/transaction-routes.ts";
import { treeRoute } from "./routes/tree-route.ts";

/** Of the API; a change that a client may notice counts it up. */
const API_VERSION = "1.0.0";

const openApiRoute = route({
  method: "GET",
  path: "/openapi.json",
  section: "node",
  text: "These routes as an OpenAPI 3.1 document.",
  answer: null,
  types: ["application/json"],
  handle: (_asked, node: NodeContext) => {
    const body = documentBytesOf(node.routes);
    return { kind: "bytes" as const, body, etag: `W/"${API_VERSION}-${body.length}"` };
  },
});

const documents = new WeakMap<readonly Route<NodeContext>[], Buffer>();

function documentBytesOf(routes: readonly Route<NodeContext>[]): Buffer {
  const known = documents.get(routes);
  if (known !== undefined) return known;
  const bytes = Buffer.from(JSON.stringify(nodeDocument(routes)));
  documents.set(routes, bytes);
  return bytes;
}

/** The routes of a node itself. With those of its applications (`node/all-routes.ts`) its router, its OpenAPI document and the tables of docs/api.md are made. */
export const NODE_ROUTES: readonly Route<NodeContext>[] = [
  ...nodeRoutes,
  eventsRoute,
  openApiRoute,
  webFileRoute,
  ...chainRoutes,
  treeRoute,
  ...transactionRoutes,
  ...accountRoutes,
  mineRoute,
  ...peerRoutes,
  ...controlRoutes,
  ...registryRoutes("/registry"),
  // Other implementations know no prefix.
  ...registryRoutes("").map((each) => (isRoot(each) ? withPages(each) : each)),
];

function isRoot({ method, path }: Route<never>): boolean {
  return method === "GET" && path === "/";
}

/** The node's OpenAPI document; `isStrict` for tests, see there. */
export function nodeDocument(routes: readonly Route<NodeContext>[], isStrict = false) {
  return openApiDocument(routes, {
    title: "Forklab node",
    version: API_VERSION,
    description:
      "One node of a blockchain, for experiments. Amounts, work and nonces are decimal strings; hashes, keys and ids are lower-case hex.",
    isStrict,
  });
}
