import { canonicalAddress } from "./address-text.ts";

/**
 * A node as registries and nodes tell of it: exactly these two fields, under the names that other implementations use. `ip_address` is an IPv4 or
 * IPv6 address or a host name, in the form of `canonicalAddress`; `port` is 1 to 65535.
 */
export interface NodeEntry {
  readonly ip_address: string;
  readonly port: number;
}

/** The entry that a value from outside is; null if it has other fields than the two, or either is no such thing. A port may be a text of digits. */
export function decodeNodeEntry(value: unknown): NodeEntry | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const fields = new Map<string, unknown>(Object.entries(value));
  const address = fields.get("ip_address");
  if (fields.size !== 2 || typeof address !== "string") return null;
  const port = decodePort(fields.get("port"));
  const ip_address = canonicalAddress(address);
  return port === null || ip_address === null ? null : { ip_address, port };
}

/** Those of a list that are entries, the first `countMax` of them; null if the value is no list. One bad entry does not spoil the others. */
export function decodeNodeEntries(value: unknown, countMax: number): NodeEntry[] | null {
  if (!Array.isArray(value)) return null;
  const entries: NodeEntry[] = [];
  // What stands beyond twice the bound is not even looked at.
  for (const item of value.slice(0, countMax * 2)) {
    const entry = decodeNodeEntry(item);
    if (entry !== null && entries.length < countMax) entries.push(entry);
  }
  return entries;
}

/** Where the node answers, as `URL` writes an origin: IPv6 in brackets, port 80 left out. Two entries with one origin are one node. */
export function entryOrigin({ ip_address, port }: NodeEntry): string {
  const host = ip_address.includes(":") ? `[${ip_address}]` : ip_address;
  return port === 80 ? `http://${host}` : `http://${host}:${port}`;
}

/** The entry that stands for an origin; null where none can: another scheme than http, an address that `canonicalAddress` refuses. */
export function entryOfOrigin(origin: string): NodeEntry | null {
  const [, bracketed, plain, port = "80"] =
    /^http:\/\/(?:\[([^\]]+)\]|([^:/[\]]+))(?::(\d+))?\/?$/.exec(origin) ?? [];
  return decodeNodeEntry({ ip_address: bracketed ?? plain, port });
}

function decodePort(value: unknown): number | null {
  const port = typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null;
}
