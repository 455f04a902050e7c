import { networkInterfaces } from "node:os";

/** Addresses that stand for all of a machine's own, and are none that a peer could call. */
const ANY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * The address under which others reach a server that listens on this host and port. A host that stands for all addresses becomes the first
 * that is not loopback, IPv4 before IPv6: in a container there is one. A machine without any is reached by itself alone.
 */
export function urlOf(host: string, port: number): string {
  const address = ANY_ADDRESS.has(host) ? (firstAddress() ?? "127.0.0.1") : host;
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
}

function firstAddress(): string | null {
  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    // Link-local addresses need the name of an interface beside them.
    .filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  const first = outward.find(({ family }) => family === "IPv4") ?? outward[0];
  return first?.address ?? null;
}
