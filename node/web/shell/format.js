/** Numbers and times for people. English, whatever the browser's language, as all else on the pages is. */
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const DATE = new Intl.DateTimeFormat("en-CA", { dateStyle: "short" });
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** @param {number | string} count A number, or the digits of one of any size. */
export function count(count) {
  return WHOLE.format(typeof count === "string" ? BigInt(count) : count);
}

/**
 * A word with its number: `1 block`, `2 blocks`.
 * @param {number} number
 * @param {string} word
 */
export function counted(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

/**
 * The ends of a hash, id or key.
 * @param {string} hex
 */
export function short(hex) {
  return hex.length <= 16 ? hex : `${hex.slice(0, 8)}…${hex.slice(-4)}`;
}

/** @param {number | null} hashesPerSec */
export function hashRate(hashesPerSec) {
  if (hashesPerSec === null) return "not measured yet";
  const [divisor, unit] =
    hashesPerSec >= 1e6 ? [1e6, "MH/s"] : hashesPerSec >= 1e3 ? [1e3, "kH/s"] : [1, "H/s"];
  return `${(hashesPerSec / divisor).toFixed(divisor === 1 ? 0 : 1)} ${unit}`;
}

/** @param {number} sizeBytes */
export function bytes(sizeBytes) {
  if (sizeBytes < 1_000) return `${sizeBytes} B`;
  return sizeBytes < 1e6 ? `${(sizeBytes / 1e3).toFixed(1)} kB` : `${(sizeBytes / 1e6).toFixed(1)} MB`;
}

/** @param {number} sec */
export function duration(sec) {
  if (sec < 60) return `${Math.floor(sec)} s`;
  if (sec < 3_600) return `${Math.floor(sec / 60)} min`;
  if (sec < 172_800) return `${Math.floor(sec / 3_600)} h ${Math.floor((sec % 3_600) / 60)} min`;
  return `${Math.floor(sec / 86_400)} days`;
}

/**
 * In this browser's time zone; the date only of another day.
 * @param {number} timeMs Since 1970.
 */
export function time(timeMs) {
  const at = new Date(timeMs);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? TIME.format(at) : `${DATE.format(at)} ${TIME.format(at)}`;
}
