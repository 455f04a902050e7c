import * as z from "zod";

const sample = z.tuple([z.number(), z.string().transform(decodeValue)]);
const labels = z.record(z.string(), z.string());
const vector = z.object({
  resultType: z.literal("vector"),
  result: z.array(z.object({ metric: labels, value: sample })),
});
const matrix = z.object({
  resultType: z.literal("matrix"),
  result: z.array(z.object({ metric: labels, values: z.array(sample) })),
});
const answerSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("success"), data: z.discriminatedUnion("resultType", [vector, matrix]) }),
  z.object({ status: z.literal("error"), error: z.string() }),
]);

/** How long Prometheus may take over a query, ms. */
const TIMEOUT_MS = 10_000;

/** A series of an answer. Values may be NaN or infinite, as PromQL has them; times ascend. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Since 1970. */
  readonly atSec: number;
  readonly value: number;
}

/** From `fromSec` to `toSec`, both included, since 1970. */
export interface TimeRange {
  readonly fromSec: number;
  readonly toSec: number;
  readonly stepSec: number;
}

/** Asks a Prometheus, as Grafana does. Throws when it refuses a query or does not answer. */
export class PrometheusClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/$/, "");
  }

  /** The value of each series at a time; now if left out. */
  instant(query: string, atSec?: number): Promise<readonly Series[]> {
    return this.#ask("query", { query, ...(atSec === undefined ? {} : { time: String(atSec) }) });
  }

  range(query: string, { fromSec, toSec, stepSec }: TimeRange): Promise<readonly Series[]> {
    const times = { start: String(fromSec), end: String(toSec), step: String(stepSec) };
    return this.#ask("query_range", { query, ...times });
  }

  async #ask(path: string, fields: Readonly<Record<string, string>>): Promise<readonly Series[]> {
    const response = await fetch(`${this.#url}/api/v1/${path}`, {
      method: "POST",
      body: new URLSearchParams(fields),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = answerSchema.parse(await response.json());
    if (answer.status === "error") throw new Error(`${answer.error}: ${fields.query}`);
    const { data } = answer;
    return data.resultType === "vector"
      ? data.result.map(({ metric, value }) => ({ labels: metric, samples: [sampleOf(value)] }))
      : data.result.map(({ metric, values }) => ({ labels: metric, samples: values.map(sampleOf) }));
  }
}

function sampleOf([atSec, value]: readonly [number, number]): Sample {
  return { atSec, value };
}

/** As Prometheus writes numbers: `+Inf`, `-Inf`, `NaN`, or decimal. */
function decodeValue(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}
