import type { NodeContext } from "./adapters/http/node-context.ts";
import type { Route } from "./adapters/http/route.ts";
import { NODE_ROUTES } from "./adapters/http/route-table.ts";
import { APP_ROUTES } from "./apps/app-routes.ts";

/** Every route that a node serves: its own, and those of its applications. */
export const ALL_ROUTES: readonly Route<NodeContext>[] = [...NODE_ROUTES, ...APP_ROUTES];

/** The same, and below which paths pages of any origin may ask. */
export const SERVED_ROUTES = { routes: ALL_ROUTES, crossOrigin: ["/bets"] } as const;
