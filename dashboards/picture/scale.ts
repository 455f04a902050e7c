/** From a value to a place on the page. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

const HEADROOM = 0.03;

/** From 0, or from below it where something is, to a round value above the highest; at most five lines. */
export function valueScale(values: readonly number[], bottomPx: number, topPx: number, max?: number): Scale {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const highest = Math.max(low, ...finite);
  // All at 0 is an empty range; and a line that runs along the upper edge could not be seen.
  const high = max ?? (highest === low ? low + 1 : highest + (highest - low) * HEADROOM);
  const step = roundStep((high - low) / 4);
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
  const [from, to] = [first * step, last * step];
  return { ticks, at: (value) => bottomPx - ((value - from) / (to - from)) * (bottomPx - topPx) };
}

/** 1, 2 or 5 times a power of ten, not below `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((each) => each * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

const TIME_STEPS_SEC = [5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600];
const TIME_TICKS_MAX = 7;

/** Ticks in seconds after `fromSec`. */
export function timeScale(fromSec: number, toSec: number, leftPx: number, rightPx: number): Scale {
  const length = Math.max(1, toSec - fromSec);
  const room = Math.max(2, Math.min(TIME_TICKS_MAX, Math.floor((rightPx - leftPx) / 45)));
  const step = TIME_STEPS_SEC.find((each) => length / each <= room) ?? length;
  const ticks = Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => fromSec + index * step);
  return { ticks, at: (atSec) => leftPx + ((atSec - fromSec) / length) * (rightPx - leftPx) };
}

/** `1:05` of the minutes and seconds since the left end. */
export function clockText(sec: number): string {
  return `${Math.floor(sec / 60)}:${String(Math.round(sec) % 60).padStart(2, "0")}`;
}
