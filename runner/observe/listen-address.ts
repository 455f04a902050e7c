import { InvalidArgumentError } from "commander";

/** Where something listens; port 0 takes any that is free. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** This machine only, and the port that exporters of telemetry usually take. */
export const DEFAULT_OBSERVE = "127.0.0.1:9464";

const PORT_MAX = 65_535;

/** "127.0.0.1:9464", "[::1]:0"; anything else is refused in words for the command line. */
export function readListenAddress(text: string): ListenAddress {
  const [, v6, name, digits = ""] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  if (host === undefined || port > PORT_MAX)
    throw new InvalidArgumentError(`expected an address and a port, such as ${DEFAULT_OBSERVE}.`);
  return { host, port };
}
