import { createRequire } from "node:module";
import type { Pool } from "undici";

/**
 * A pool of connections to one origin. It alone is required of the package, whose index also loads a fetch, WebSockets, mocks and caches that no node
 * uses: 4 MB of memory. A test holds it to the class that the package gives out.
 */
export function makePool(origin: string, options: Pool.Options): Pool {
  const required: typeof Pool = createRequire(import.meta.url)("undici/lib/dispatcher/pool.js");
  return new required(origin, options);
}
