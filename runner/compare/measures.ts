import { durationText, numberText, ratioText } from "../analysis/figure-text.ts";
import { whenDone } from "../analysis/survival.ts";
import { ksDistance } from "./distance.ts";
import type { RunSample } from "./run-sample.ts";

/** One way in which two runs may differ. */
export interface Measure {
  readonly name: string;
  /** 0 is equal; null when either run has nothing to say. */
  readonly distance: (a: RunSample, b: RunSample) => number | null;
  /** What a run shows of it. */
  readonly valueText: (run: RunSample) => string;
  readonly distanceText: (distance: number) => string;
}

export const MEASURES: readonly Measure[] = [
  rateMeasure("fork rate", "forkRatio"),
  rateMeasure("stale rate", "staleRatio"),
  timeMeasure("propagation", "propagation"),
  timeMeasure("confirmation time", "confirmation"),
];

function rateMeasure(name: string, key: "forkRatio" | "staleRatio"): Measure {
  return {
    name,
    distance: ({ [key]: a }, { [key]: b }) => (a === null || b === null ? null : Math.abs(a - b)),
    valueText: (run) => ratioText(run[key]),
    distanceText: (distance) => `${numberText(distance * 100)} points`,
  };
}

function timeMeasure(name: string, key: "propagation" | "confirmation"): Measure {
  return {
    name,
    distance: (a, b) => ksDistance(a[key], b[key]),
    valueText: (run) => {
      const at = (share: number) => durationText(whenDone(run[key], share));
      return `${at(0.5)} / ${at(0.9)}`;
    },
    distanceText: (distance) => `KS ${distance.toFixed(3)}`,
  };
}
