import { lookup } from "node:dns";
import { type BlockList, isIP, type LookupFunction } from "node:net";
import { isIn, plainAddress } from "./network.ts";

/**
 * Whom this node calls because somebody said so: whoever is in an allowed network, and the one who said it. Else a stranger could have a node knock at
 * any door that it can reach and the stranger cannot.
 */
export class CallGuard {
  /** For a connection to a name. It is looked at when it is resolved, so that it cannot point elsewhere a moment later. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const allowed = addresses.filter(({ address }) => this.#allows(address));
      const [first] = allowed;
      if (first === undefined) callback(new Error(refusalText(hostname)), []);
      else if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
  readonly #networks: BlockList;
  readonly #caller: string | null;

  /** `caller` is the address from which it was said; null: no one's own. */
  constructor(networks: BlockList, caller: string | null) {
    this.#networks = networks;
    this.#caller = caller === null ? null : plainAddress(caller);
  }

  /** Why nobody at this host is called, in words; null if it is an address that may be, or a name, which `lookup` judges. */
  refusalOf(host: string): string | null {
    const plain = host.replace(/^\[(.*)\]$/, "$1");
    return isIP(plain) === 0 || this.#allows(plain) ? null : refusalText(host);
  }

  #allows(address: string): boolean {
    return isIn(this.#networks, address) || plainAddress(address) === this.#caller;
  }
}

function refusalText(host: string): string {
  return `${host} is not in a network that may be called`;
}
