import { BlockList, isIP } from "node:net";

/** The addresses that begin with the same bits as this one. */
export interface Network {
  readonly address: string;
  readonly prefixBits: number;
  readonly family: "ipv4" | "ipv6";
}

/** "172.16.0.0/12", or a single address; null if it is neither. */
export function readNetwork(text: string): Network | null {
  const [address = "", bits, rest] = text.split("/");
  const version = isIP(address);
  // A zone ("fe80::1%eth0") names an interface of this machine and is no part of a network.
  if (version === 0 || rest !== undefined || address.includes("%")) return null;
  const bitsMax = version === 4 ? 32 : 128;
  const prefixBits = bits === undefined ? bitsMax : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (!(prefixBits <= bitsMax)) return null;
  return { address, prefixBits, family: version === 4 ? "ipv4" : "ipv6" };
}

/** For quick looks with `isIn`. Its name is of its usual purpose; here it holds what is allowed. */
export function blockListOf(networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const { address, prefixBits, family } of networks) list.addSubnet(address, prefixBits, family);
  return list;
}

/** An IPv4 address as such, also as a socket for both versions gives it: "::ffff:127.0.0.1". */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

/** False of what is no address. */
export function isIn(networks: BlockList, address: string): boolean {
  const plain = plainAddress(address);
  const version = isIP(plain);
  return version !== 0 && networks.check(plain, version === 4 ? "ipv4" : "ipv6");
}
