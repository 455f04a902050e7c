import { keyedUniform, streamSeed } from "../../node/core/support/prng.ts";
import { drawLatencyUs, type LatencyModel } from "../../node/link/latency.ts";
import { LATENCY_SALT, LOSS_SALT } from "../../node/link/link-shaper.ts";

/** What a link draws for a message with this key. */
export interface MessageDraws {
  readonly drawKey: number;
  /** The message is lost, once at least, at any loss ratio above this one. */
  readonly lostAboveRatio: number;
  readonly latencyUs: number;
}

export interface DrawsAround {
  /** Messages that the ratio only just loses, the nearest to it first. All that are found are fewer than asked for when it is very small, none when it is 0. */
  readonly lost: readonly MessageDraws[];
  /** Messages that it only just does not lose. */
  readonly kept: readonly MessageDraws[];
}

/** Keys that are looked through: the nearest of them are some 0.01 percentage points from any ratio, in a millisecond. */
const KEY_COUNT = 65_536;

/**
 * Messages whose loss draws lie just below and just above the ratio of a link: what happens to them tells a wrong ratio from the right one, with
 * two messages where counting among random ones takes hundreds. Their latencies are among the upper half of the model, so that
 * little that was sent before holds them up, and not among its slowest tenth.
 */
export function drawsAround(
  link: { readonly seed: string; readonly source: string; readonly target: string },
  latency: LatencyModel,
  lossRatio: number,
  count: number,
): DrawsAround {
  const seed = streamSeed(link.seed, `link ${link.source}>${link.target}`);
  const [leastUs, mostUs] = [quantileUs(latency, 0.5), quantileUs(latency, 0.9)];
  const lost: MessageDraws[] = [];
  const kept: MessageDraws[] = [];
  for (let drawKey = 0; drawKey < KEY_COUNT; drawKey += 1) {
    const lostAboveRatio = keyedUniform(seed, drawKey, LOSS_SALT);
    const side = lostAboveRatio < lossRatio ? lost : kept;
    const distance = Math.abs(lostAboveRatio - lossRatio);
    const last = side[count - 1];
    if (last !== undefined && distance >= Math.abs(last.lostAboveRatio - lossRatio)) continue;
    const latencyUs = drawLatencyUs(latency, keyedUniform(seed, drawKey, LATENCY_SALT));
    if (latencyUs < leastUs || latencyUs > mostUs) continue;
    const place = side.findIndex((each) => distance < Math.abs(each.lostAboveRatio - lossRatio));
    side.splice(place < 0 ? side.length : place, 0, { drawKey, lostAboveRatio, latencyUs });
    if (side.length > count) side.pop();
  }
  return { lost, kept };
}

function quantileUs(model: LatencyModel, share: number): number {
  return drawLatencyUs(model, model.kind === "exponential" ? 1 - share : share);
}
