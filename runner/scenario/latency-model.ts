import type * as z from "zod";
import type { LatencyModel } from "../../node/link/latency.ts";
import type { latencySchema } from "./network-schema.ts";

/** A link's latency where the scenario says nothing: a message across a continent, a few of them late. */
export const DEFAULT_LATENCY: LatencyModel = { kind: "lognormal", medianUs: 50_000, sigma: 0.4 };

/** The model that a scenario's `latency:` stands for. */
export function toLatencyModel(settings: z.output<ReturnType<typeof latencySchema>>): LatencyModel {
  if ("us" in settings) return { kind: "constant", delayUs: settings.us };
  switch (settings.kind) {
    case "constant":
      return { kind: "constant", delayUs: settings.delay.us };
    case "uniform":
      return { kind: "uniform", minUs: settings.min.us, maxUs: settings.max.us };
    case "exponential":
      return { kind: "exponential", meanUs: settings.mean.us };
    case "lognormal":
      return { kind: "lognormal", medianUs: settings.median.us, sigma: settings.sigma };
  }
}
