import type { NodeContext } from "../adapters/http/node-context.ts";
import type { Route } from "../adapters/http/route.ts";
import { betsRoutes } from "./bets/http/routes.ts";
import { boardRoutes } from "./board/http/routes.ts";
import { coinRoutes } from "./coin/http/routes.ts";

/** The routes of every application's own clients. */
export const APP_ROUTES: readonly Route<NodeContext>[] = [...boardRoutes, ...coinRoutes, ...betsRoutes];
