/** Of each network the first two and the last address are taken: its own number, the engine's side, and everybody. */
const ADDRESSES_TAKEN = 3;

/** The number of the first member of a network. */
const FIRST_MEMBER = 2;

/** `172.20.0.0/16`. */
export type Cidr = string;

/** A block of addresses cut into equal networks, as many as asked for or more; null when they would hold fewer than `memberCount` members. */
export function splitBlock(block: Cidr, networkCount: number, memberCount: number): Cidr[] | null {
  const [base, prefix] = parseCidr(block);
  const bits = Math.ceil(Math.log2(Math.max(1, networkCount)));
  const size = 2 ** (32 - prefix - bits);
  if (size - ADDRESSES_TAKEN < memberCount) return null;
  return Array.from(
    { length: networkCount },
    (_, index) => `${dotted(base + index * size)}/${prefix + bits}`,
  );
}

/** The address of the member with this index, from 0. */
export function addressIn(network: Cidr, member: number): string {
  return dotted(parseCidr(network)[0] + FIRST_MEMBER + member);
}

function parseCidr(cidr: Cidr): [base: number, prefix: number] {
  const [, address = "", prefix = ""] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(cidr) ?? [];
  if (address === "") throw new Error(`${cidr} is no block of IPv4 addresses`);
  return [address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0), Number(prefix)];
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
