import { NODE_NAME, peerOrigin } from "./schemas/decode.ts";

/** Turns a setting's text into its value, or says in words what is accepted. */
export type Decoder<T> = (text: string) => { readonly value: T } | { readonly accepted: string };

const HASHES_PER_SEC = { "H/s": 1, "kH/s": 1e3, "MH/s": 1e6, "GH/s": 1e9, "TH/s": 1e12 };
const BYTES = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** "20kH/s" to hashes per second. A bare number is refused: its unit would be a guess. */
export const hashRate: Decoder<number> = quantity(
  HASHES_PER_SEC,
  'a hash rate with its unit, such as "20kH/s"',
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
