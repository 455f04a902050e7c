import { createRequire } from "node:module";
import type { Client, Dispatcher } from "undici";

// Two parts of the package, since the whole of it takes 4 MB of memory in each node. Tests hold them to what the package gives out.
const require = createRequire(import.meta.url);
const PlainClient: typeof Client = require("undici/lib/dispatcher/client.js");
/** Called on a client, to which only the index of the package gives it as a method. */
const request: Dispatcher["request"] = require("undici/lib/api/api-request.js");

/** One connection to one origin. */
export function makeClient(origin: string, options: Client.Options): Client {
  return new PlainClient(origin, options);
}

/** One request to it. Rejects when there is no answer. */
export function requestFrom(
  client: Client,
  options: Dispatcher.RequestOptions,
): Promise<Dispatcher.ResponseData<unknown>> {
  return request.call(client, options);
}
