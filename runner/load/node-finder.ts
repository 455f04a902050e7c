import type { Hex } from "../../node/core/chain/types.ts";
import type { LoadClient } from "./load-client.ts";

/** Nodes that are looked at: beyond it a load of one process reaches no more of them. */
const NODE_COUNT_MAX = 256;

export interface FoundNodes {
  /** In the order of their addresses; the same nodes come in the same order. */
  readonly urls: readonly string[];
  readonly genesisHash: Hex;
}

/** Keeps up with which nodes there are: of a registry, or of a list. Those of another chain than the first that answered are left out. */
export class NodeFinder {
  readonly #client: LoadClient;
  readonly #registryUrl: string;
  readonly #listed: readonly string[];
  #genesisHash: Hex | null = null;

  constructor(client: LoadClient, registryUrl: string, listed: readonly string[]) {
    this.#client = client;
    this.#registryUrl = registryUrl;
    this.#listed = listed;
  }

  /** The nodes that answer now; null when there is none, or nobody says where. */
  async find(): Promise<FoundNodes | null> {
    const candidates = this.#listed.length > 0 ? this.#listed : await this.#client.nodesOf(this.#registryUrl);
    if (candidates === null) return null;
    const urls = [...new Set(candidates)].sort().slice(0, NODE_COUNT_MAX);
    const genesisHashes = await Promise.all(urls.map((url) => this.#client.genesisOf(url)));
    this.#genesisHash ??= genesisHashes.find((hash) => hash !== null) ?? null;
    const ours = urls.filter((_, index) => genesisHashes[index] === this.#genesisHash);
    if (this.#genesisHash === null || ours.length === 0) return null;
    return { urls: ours, genesisHash: this.#genesisHash };
  }
}
