/** Grafana's ids of units that the dashboards use, with the texts that stand behind a number. */
const UNIT_TEXTS: Readonly<Record<string, string>> = {
  none: "",
  cps: "/s",
  cpm: "/min",
  reqps: " req/s",
  Bps: "B/s",
  decbytes: "B",
  bytes: "B",
  Hs: "H/s",
};

const BINARY = new Set(["bytes"]);

/** Scaled with k, M, G; the rest are counts, which are written out. */
const SCALED = new Set(["Bps", "decbytes", "bytes", "Hs"]);

/** A value with its unit, as short as it can be read: `12.5 ms`, `40 kH/s`, `31.0 %`. Not a number is a dash. */
export function formatValue(value: number, unit: string, decimals?: number): string {
  if (value === Number.POSITIVE_INFINITY) return "more";
  if (!Number.isFinite(value)) return "–";
  if (unit === "percentunit") return `${digits(value * 100, decimals)} %`;
  if (unit === "s") return formatSeconds(value, decimals);
  const text = UNIT_TEXTS[unit] ?? "";
  if (!SCALED.has(unit)) return `${digits(value, decimals)}${text}`;
  const base = BINARY.has(unit) ? 1_024 : 1_000;
  const prefixes = BINARY.has(unit) ? ["", "Ki", "Mi", "Gi", "Ti"] : ["", "k", "M", "G", "T"];
  let scaled = value;
  let power = 0;
  while (Math.abs(scaled) >= base && power < prefixes.length - 1) {
    scaled /= base;
    power += 1;
  }
  return `${digits(scaled, decimals)} ${prefixes[power]}${text}`;
}

function formatSeconds(value: number, decimals?: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0 s";
  if (size < 1e-3) return `${digits(value * 1e6, decimals)} µs`;
  if (size < 1) return `${digits(value * 1e3, decimals)} ms`;
  return size < 300 ? `${digits(value, decimals)} s` : `${digits(value / 60, decimals)} min`;
}

/** Three significant digits, without zeros at the end. */
function digits(value: number, decimals?: number): string {
  if (decimals !== undefined) return value.toFixed(decimals);
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return Math.round(value).toString();
  return String(Number(value.toPrecision(3)));
}
