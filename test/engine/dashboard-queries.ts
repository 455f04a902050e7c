import { expect } from "vitest";
import { allDashboards } from "../../dashboards/all-dashboards.ts";
import type { PrometheusClient, Series } from "../../dashboards/prometheus-client.ts";
import { filledIn, type PlacedQuery, queriesOf } from "../../dashboards/queries.ts";
import { RECORDING_RULES } from "../../dashboards/rules.ts";
import { until } from "../support/live-process.ts";

const PATIENCE_MS = 60_000;

/** A rate needs two samples; this holds several even where a scrape comes late. */
const VARIABLES = { node: ".+", rateInterval: "10s" };

export const RECORDED: readonly PlacedQuery[] = RECORDING_RULES.map(({ record }) => ({
  place: record,
  expr: record,
  legend: "",
}));

/** What measures nothing while nobody submits transactions, and while no message is delayed: not a number then, as its panel says. */
export const WITHOUT_LOAD_AND_DELAY = [
  /forklab_transaction_(confirmation_seconds|fee_coins)_bucket/,
  /forklab_shaper_lateness_seconds_bucket/,
];

/** Of every panel, and of the marks of faults. */
export function queriesOfAll(...names: string[]): PlacedQuery[] {
  return [...allDashboards()].flatMap(([name, dashboard]) =>
    names.includes(name) ? queriesOf(name, dashboard) : [],
  );
}

/** Faults are marked of an observed run only; that nothing is marked otherwise is right. */
export function panelsOnly(asked: readonly PlacedQuery[]): PlacedQuery[] {
  return asked.filter(({ place }) => !place.endsWith(" / Faults"));
}

/** Waits until all are answered with numbers, those that `excused` matches with anything; in vain, it says which are not. */
export async function allAnswered(
  prometheus: PrometheusClient,
  asked: readonly PlacedQuery[],
  excused: readonly RegExp[] = [],
): Promise<void> {
  let missing: readonly string[] = [];
  await until(async () => {
    missing = await unanswered(prometheus, asked, excused);
    return missing.length === 0 ? true : null;
  }, PATIENCE_MS).catch(() => undefined);
  expect(missing).toEqual([]);
}

/** Queries that give nothing now, or nothing but NaN; those of `excused` may give that. */
async function unanswered(
  prometheus: PrometheusClient,
  asked: readonly PlacedQuery[],
  excused: readonly RegExp[],
): Promise<string[]> {
  const places = await Promise.all(
    asked.map(async ({ place, expr, legend }) => {
      const series = await prometheus.instant(filledIn(expr, VARIABLES));
      const mayBeNaN = excused.some((pattern) => pattern.test(expr));
      if (!(mayBeNaN ? series.length > 0 : hasNumber(series))) return [place];
      const named = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
      const isNamed =
        named.length === 0 ||
        series.every(({ labels }) => named.some((label) => labels[label] !== undefined));
      return isNamed ? [] : [`${place}: a series without ${named.join()}`];
    }),
  );
  return places.flat();
}

function hasNumber(series: readonly Series[]): boolean {
  return series.some(({ samples }) => samples.some(({ value }) => Number.isFinite(value)));
}
