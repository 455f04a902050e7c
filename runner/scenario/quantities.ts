import * as z from "zod";

/**
 * Values with a unit, as a scenario says them ("250ms", "20kH/s") and as code uses them. The decoded value is an object
 * whose one field names its unit, so that `scenario.duration.us` cannot be taken for milliseconds.
 * Each schema's metadata says what it is: editors, the reference page and the messages are made from it.
 */
interface Quantity {
  /** With its article, for "expected ...". */
  readonly noun: string;
  readonly example: string;
  /** Unit as written, to how many of the decoded unit it is. */
  readonly units: Readonly<Record<string, number>>;
}

const DURATION: Quantity = {
  noun: "a duration",
  example: "250ms",
  units: { us: 1, ms: 1e3, s: 1e6, min: 60e6, h: 3600e6, d: 86_400e6 },
};
const HASH_RATE: Quantity = {
  noun: "a hash rate",
  example: "20kH/s",
  units: { "H/s": 1, "kH/s": 1e3, "MH/s": 1e6, "GH/s": 1e9, "TH/s": 1e12 },
};
const BIT_RATE: Quantity = {
  noun: "a bandwidth",
  example: "10Mbit/s",
  units: { "bit/s": 1, "kbit/s": 1e3, "Mbit/s": 1e6, "Gbit/s": 1e9 },
};
const SIZE: Quantity = {
  noun: "a size",
  example: "500kB",
  units: { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 },
};
const EVENT_RATE: Quantity = {
  noun: "a rate",
  example: "5/s",
  units: { "/s": 1, "/min": 1 / 60, "/h": 1 / 3600 },
};

/** In the order of the reference page. */
export const QUANTITIES: readonly Quantity[] = [DURATION, HASH_RATE, BIT_RATE, SIZE, EVENT_RATE];

/** "250ms" to whole microseconds. */
export const duration = () => quantity(DURATION).transform((amount) => ({ us: Math.round(amount) }));

/** A duration above zero. */
export const positiveDuration = () =>
  duration().refine((value) => value.us > 0, { error: "a duration above zero" });

/** "20kH/s" to hashes per second, fractions allowed. */
export const hashRate = () => quantity(HASH_RATE).transform((amount) => ({ hashesPerSec: amount }));

/** "10Mbit/s" to bits per second, above zero. */
export const bitRate = () =>
  quantity(BIT_RATE)
    .transform((amount) => ({ bitsPerSec: amount }))
    .refine((value) => value.bitsPerSec > 0, { error: "a bandwidth above zero" });

/** "500kB" to whole bytes. */
export const size = (min: string, max: string) => {
  const bounds = { min: amountOf(SIZE, min), max: amountOf(SIZE, max) };
  return quantity(SIZE)
    .transform((amount) => ({ bytes: Math.round(amount) }))
    .refine((value) => value.bytes >= bounds.min && value.bytes <= bounds.max, {
      error: `a size from ${min} to ${max}`,
    });
};

/** "5/s" to events per second. */
export const eventRate = () => quantity(EVENT_RATE).transform((amount) => ({ perSec: amount }));

/** "2%" or 0.02 to a ratio from 0 to 1. A ratio has no unit, so the bare number is clear. */
export const ratio = () => {
  const error = `a share such as "2%" or 0.02, from 0 to 1`;
  return z
    .union([
      z.number({ error }).min(0, { error }).max(1, { error }),
      z.string({ error }).regex(/^\d+(\.\d+)?\s?%$/, { error }),
    ])
    .transform((value) => ({ ratio: typeof value === "number" ? value : Number.parseFloat(value) / 100 }))
    .refine((value) => value.ratio <= 1, { error, abort: true })
    .meta({ unit: "share" });
};

function quantity({ noun, example, units }: Quantity) {
  const names = Object.keys(units);
  const error = `${noun} with its unit, such as "${example}" (${names.join(", ")})`;
  const pattern = new RegExp(`^\\d+(\\.\\d+)?\\s?(${names.join("|")})$`);
  return z
    .string({ error })
    .regex(pattern, { error })
    .meta({ unit: noun.replace(/^an? /, ""), examples: [example] })
    .transform((text) => amountOf({ noun, example, units }, text));
}

/** `text` has matched the quantity's pattern: digits, perhaps a space, a unit. */
function amountOf({ units }: Quantity, text: string): number {
  const amount = Number.parseFloat(text);
  const unit = text.replace(/^[\d.]+\s?/, "");
  return amount * (units[unit] ?? Number.NaN);
}
