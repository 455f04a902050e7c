/** How often one client may ask. */
export interface ClientRate {
  /** Requests a second in the long run. */
  readonly perSec: number;
  /** Requests at one go. */
  readonly burst: number;
}

/** Clients that are remembered; beyond it the one that asked longest ago is forgotten, and begins anew with a full bucket. */
export const CLIENT_COUNT_MAX = 4_096;

interface Bucket {
  tokens: number;
  atMs: number;
}

/** A token bucket for each client, by address; IPv6 clients by their /64, since one client has as many addresses of it as it likes. */
export class ClientBuckets {
  readonly #rate: ClientRate;
  /** The client that asked longest ago first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: ClientRate) {
    this.#rate = rate;
  }

  get count(): number {
    return this.#buckets.size;
  }

  /** Null: the client may ask. Otherwise in how many whole seconds it may again. `nowMs`: of a clock that never goes back. */
  take(address: string, nowMs: number): number | null {
    const { perSec, burst } = this.#rate;
    const client = clientOf(address);
    const bucket = this.#buckets.get(client) ?? { tokens: burst, atMs: nowMs };
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) * perSec) / 1_000);
    bucket.atMs = nowMs;
    this.#buckets.delete(client);
    this.#buckets.set(client, bucket);
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined && this.#buckets.size > CLIENT_COUNT_MAX) this.#buckets.delete(oldest);
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perSec);
    bucket.tokens -= 1;
    return null;
  }
}

/** What is taken for one client: an IPv4 address, or the first 64 bits of an IPv6 address. */
export function clientOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros: string[] =
    tail === undefined ? [] : new Array(Math.max(0, 8 - front.length - back.length)).fill("0");
  return [...front, ...zeros, ...back]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
