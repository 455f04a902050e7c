import { availableParallelism } from "node:os";
import { HASHER_COUNT_MAX } from "./adapters/mining/hasher.ts";
import { canonicalAddress } from "./core/discovery/address-text.ts";
import { MICROS_PER_MS, MICROS_PER_SEC, type Micros } from "./core/support/micros.ts";
import { NODE_NAME, peerOrigin } from "./schemas/decode.ts";
import { type Network, readNetwork } from "./schemas/network.ts";

/** Turns a setting's text into its value, or says in words what is accepted. */
export type Decoder<T> = (text: string) => { readonly value: T } | { readonly accepted: string };

const HASHES_PER_SEC = { "H/s": 1, "kH/s": 1e3, "MH/s": 1e6, "GH/s": 1e9, "TH/s": 1e12 };
const BYTES = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** "20kH/s" to hashes per second. A bare number is refused: its unit would be a guess. */
export const hashRate: Decoder<number> = quantity(
  HASHES_PER_SEC,
  'a hash rate with its unit, such as "20kH/s"',
);

/** "200/s" to requests per second. */
export const requestRate: Decoder<number> = quantity({ "/s": 1 }, 'a rate with its unit, such as "200/s"');

/** "50kB/s" to bytes per second. */
export const byteRate: Decoder<number> = quantity(
  { "B/s": 1, "kB/s": 1e3, "MB/s": 1e6 },
  'bytes a second with their unit, such as "50kB/s"',
);

/** "32MB" to bytes. */
export const byteSize: Decoder<number> = quantity(BYTES, 'a size with its unit, such as "32MB"');

export const portNumber: Decoder<number> = (text) =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65_535
    ? { value: Number(text) }
    : { accepted: "a port from 0 to 65535, where 0 takes any that is free" };

export const name: Decoder<string> = (text) =>
  NODE_NAME.test(text)
    ? { value: text }
    : { accepted: "1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit" };

export const anyText: Decoder<string> = (text) =>
  text === "" ? { accepted: "a text that is not empty" } : { value: text };

/** One address, or several with commas between. */
export const peerUrls: Decoder<readonly string[]> = (text) => {
  const origins = text.split(",").map((part) => peerOrigin(part.trim()));
  const value = origins.filter((origin) => origin !== null);
  return value.length === origins.length
    ? { value }
    : { accepted: "an http or https address without a path, such as http://127.0.0.1:4001" };
};

/** One network, or several with commas between. */
export const networks: Decoder<readonly Network[]> = (text) => {
  const read = text.split(",").map((part) => readNetwork(part.trim()));
  const value = read.filter((network) => network !== null);
  return value.length === read.length
    ? { value }
    : { accepted: "a network such as 172.16.0.0/12 or ::1/128, or several with commas between" };
};

/** Folders of replicas: each start looks at all that are in use, so there is an end to it. */
const SLOT_COUNT_MAX = 1_024;

export const slotCount: Decoder<number> = (text) =>
  /^[1-9]\d{0,3}$/.test(text) && Number(text) <= SLOT_COUNT_MAX
    ? { value: Number(text) }
    : { accepted: `a number from 1 to ${SLOT_COUNT_MAX}` };

/** Threads that hash; `all` is one for each processor that this process may use. */
export const minerCount: Decoder<number> = (text) => {
  if (text === "all") return { value: Math.min(availableParallelism(), HASHER_COUNT_MAX) };
  return /^[1-9]\d{0,2}$/.test(text) && Number(text) <= HASHER_COUNT_MAX
    ? { value: Number(text) }
    : { accepted: `a number from 1 to ${HASHER_COUNT_MAX}, or all` };
};

/** An IP address or a host name, in the form in which nodes tell of each other. */
export const hostAddress: Decoder<string> = (text) => {
  const value = canonicalAddress(text);
  return value === null
    ? { accepted: "an IP address or a host name, such as 127.0.0.1 or registry" }
    : { value };
};

/** A port that can be called. */
export const remotePort: Decoder<number> = (text) => {
  const read = portNumber(text);
  return "value" in read && read.value > 0 ? read : { accepted: "a port from 1 to 65535" };
};

export const nodeCount: Decoder<number> = (text) =>
  /^\d{1,3}$/.test(text) ? { value: Number(text) } : { accepted: "a number from 0 to 999" };

/** Names that a node keeps keys for. Each new one writes all of them to the disk again: 10 ms at this number, and it holds up all else. */
const KEYRING_NAMES_MAX = 10_000;

export const keyringNameCount: Decoder<number> = (text) =>
  /^\d{1,5}$/.test(text) && Number(text) <= KEYRING_NAMES_MAX
    ? { value: Number(text) }
    : { accepted: `a number from 0 to ${KEYRING_NAMES_MAX}` };

/** Below, nodes would do little but ask each other; above, a timer cannot be set in one piece. */
const INTERVAL_US_MIN = 100 * MICROS_PER_MS;
const INTERVAL_US_MAX = 7 * 86_400 * MICROS_PER_SEC;
const MICROS_IN = {
  ms: MICROS_PER_MS,
  s: MICROS_PER_SEC,
  min: 60 * MICROS_PER_SEC,
  h: 3_600 * MICROS_PER_SEC,
};

/** "60s" to microseconds. A bare number is seconds here, as it was in the programs whose flags this setting takes. */
export const interval: Decoder<Micros> = (text) => {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)\s?(ms|s|min|h)?$/.exec(text) ?? [];
  const value = Math.round(Number(amount) * MICROS_IN[unit as keyof typeof MICROS_IN]);
  return value >= INTERVAL_US_MIN && value <= INTERVAL_US_MAX
    ? { value }
    : { accepted: 'a time from 100ms to 7 days, such as "60s" (ms, s, min, h); a bare number is seconds' };
};

export function oneOf<const T extends string>(...words: readonly T[]): Decoder<T> {
  return (text) => {
    const value = words.find((word) => word === text);
    return value === undefined ? { accepted: `one of ${words.join(", ")}` } : { value };
  };
}

function quantity(units: Readonly<Record<string, number>>, what: string): Decoder<number> {
  const names = Object.keys(units);
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s?(${names.join("|")})$`);
  return (text) => {
    const [, amount, unit] = pattern.exec(text) ?? [];
    if (amount === undefined || unit === undefined) return { accepted: `${what} (${names.join(", ")})` };
    return { value: Number(amount) * (units[unit] ?? Number.NaN) };
  };
}
