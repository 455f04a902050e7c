import type { Socket } from "node:net";
import { blockListOf, isIn, type Network } from "../../schemas/network.ts";
import { ClientBuckets, clientOf } from "./client-buckets.ts";
import { type Refusal, refusal } from "./reply.ts";

/** Requests that a client may make at one go, in seconds of its rate: a page that loads asks a few dozen things at once. */
const BURST_SEC = 2;

/** Connections of one client, so that none takes all that there are; a host with many nodes needs two for each. */
export const CLIENT_CONNECTIONS_MAX = 128;

/** What one client may ask of a server. The operator's networks ask as much as they like: load and measurements come from there. */
export class ClientLimits {
  readonly #unlimited;
  readonly #buckets: ClientBuckets | null;
  readonly #connections = new Map<string, number>();

  /** `perSec` 0: requests are not counted; connections are. */
  constructor(perSec: number, unlimited: readonly Network[]) {
    this.#unlimited = blockListOf(unlimited);
    this.#buckets = perSec === 0 ? null : new ClientBuckets({ perSec, burst: Math.ceil(perSec * BURST_SEC) });
  }

  /** Null: the request may go on. */
  refusalOf(address: string): Refusal | null {
    if (this.#buckets === null || isIn(this.#unlimited, address)) return null;
    const waitSec = this.#buckets.take(address, performance.now());
    if (waitSec === null) return null;
    return refusal("too-many-requests", undefined, { waitSec }, { "retry-after": String(waitSec) });
  }

  /** Ends a connection that is one too many of its client. */
  connected(socket: Socket): void {
    const address = socket.remoteAddress ?? "";
    if (isIn(this.#unlimited, address)) return;
    const client = clientOf(address);
    const count = (this.#connections.get(client) ?? 0) + 1;
    this.#connections.set(client, count);
    socket.once("close", () => {
      const left = (this.#connections.get(client) ?? 1) - 1;
      if (left === 0) this.#connections.delete(client);
      else this.#connections.set(client, left);
    });
    if (count > CLIENT_CONNECTIONS_MAX) socket.destroy();
  }
}
