import type { AnyMetric, HistogramMetric, LabelOf, PlainMetric } from "./metrics.ts";

/**
 * Pieces of PromQL whose names of metrics and labels come from the tables: what is not in them does not compile. What is put together around
 * them is text, which tests parse and run.
 */

/** A label's value: equal, or matching a regular expression as a whole. */
type Match = string | { readonly regex: string };

type Matchers<Name extends AnyMetric> = { readonly [Label in LabelOf<Name>]?: Match };

/** Selects series of the whole network, or of the nodes chosen on a dashboard. */
export class Selection {
  readonly #common: Readonly<Record<string, Match>>;

  constructor(common: Readonly<Record<string, Match>>) {
    this.#common = common;
  }

  /** Series of a gauge or counter. */
  series<Name extends PlainMetric>(name: Name, matchers: Matchers<Name> = {}): string {
    return this.#select(name, matchers);
  }

  /** Per-second rate of a counter over the range that fits the zoom. */
  rate<Name extends PlainMetric>(name: Name, matchers: Matchers<Name> = {}): string {
    return `rate(${this.#select(name, matchers)}[${RATE_RANGE}])`;
  }

  /** What a counter gained over the same range. */
  increase<Name extends PlainMetric>(name: Name, matchers: Matchers<Name> = {}): string {
    return `increase(${this.#select(name, matchers)}[${RATE_RANGE}])`;
  }

  /** A quantile of what a histogram observed lately, over all of its series; not a number while it observed nothing. */
  quantile<Name extends HistogramMetric>(q: number, name: Name, matchers: Matchers<Name> = {}): string {
    return `histogram_quantile(${q}, sum by (le) (${this.bucketRate(name, matchers)}))`;
  }

  bucketRate<Name extends HistogramMetric>(name: Name, matchers: Matchers<Name> = {}): string {
    return `rate(${this.#select(`${name}_bucket`, matchers)}[${RATE_RANGE}])`;
  }

  /** Observations by bucket over one step of a heat map. */
  bucketIncrease<Name extends HistogramMetric>(name: Name, matchers: Matchers<Name> = {}): string {
    return `sum by (le) (increase(${this.#select(`${name}_bucket`, matchers)}[${RATE_RANGE}]))`;
  }

  /** Per-second rate of the sum of what a histogram observed. */
  sumRate<Name extends HistogramMetric>(name: Name, matchers: Matchers<Name> = {}): string {
    return `rate(${this.#select(`${name}_sum`, matchers)}[${RATE_RANGE}])`;
  }

  #select(name: string, matchers: Readonly<Record<string, Match | undefined>>): string {
    const all = Object.entries({ ...this.#common, ...matchers }).flatMap(([label, match]) =>
      match === undefined ? [] : [matcherText(label, match)],
    );
    return all.length === 0 ? name : `${name}{${all.join(", ")}}`;
  }
}

/** What Grafana makes of the scrape interval and the zoom: always long enough for two samples. */
const RATE_RANGE = "$__rate_interval";

function matcherText(label: string, match: Match): string {
  return typeof match === "string"
    ? `${label}=${JSON.stringify(match)}`
    : `${label}=~${JSON.stringify(match.regex)}`;
}

/** Of the nodes that the variable `node` of a dashboard has chosen. */
export const chosen = new Selection({ node: { regex: "$node" } });

/** Of all nodes. */
export const network = new Selection({ job: "node" });

/** Of the runner, while a run is observed. */
export const observedRun = new Selection({});

/** Of the runner whose nodes are the network, and not of one that runs beside it. */
export const ownRun = new Selection({ job: "run" });

/**
 * The query, or, while no run is observed, the same figure of the network: the nodes are there, and a panel that says nothing would look broken.
 * It is not taken for that of a run which has not told it yet.
 */
export function orNetwork(query: string, ofNetwork: string): string {
  const noRun = `unless on() ${observedRun.series("forklab_run_info")}`;
  return `(${query}) or on() ((${ofNetwork}) ${noRun})`;
}

/** The query, or, while no run is observed, 0 for something that only runs have, with a text in the place of a label's value. */
export function orNoRunNamed(query: string, label: LabelOf<AnyMetric>, text: string): string {
  return `(${query}) or on() label_replace(vector(0), "${label}", "${text}", "", "")`;
}
