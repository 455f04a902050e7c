import { RETRANSMISSION_TIMEOUT_US } from "../../node/link/link-delay.ts";
import type { LinkFault, LinkPlan } from "../backends/live/link-plan.ts";
import { drawsAround, type MessageDraws } from "./draws-around.ts";
import type { Evidence } from "./evidence.ts";
import { judgeLoss, type LossMeasure, wasInTime } from "./judge-loss.ts";
import { type InForce, inForceOn, nameOf, type Pair } from "./link-pairs.ts";
import { deadlineMsOf, dueMs, measurePair, measureUntil, TRIES_MAX } from "./measure-pair.ts";

/**
 * Sends over each link a message that its loss ratio only just hits and one that it only just misses, one after the other, because
 * a lost one holds up what comes behind it.
 */
export async function probeLoss(
  { ratio }: Extract<LinkFault, { word: "loss" }>,
  pairs: readonly Pair[],
  links: LinkPlan,
  ending: AbortSignal,
): Promise<Evidence> {
  const measures = await Promise.all(
    pairs.map(async (pair) => {
      const inForce = await inForceOn(pair, links);
      // Another fault came already: there is nothing of this one left to see.
      const isOver = inForce?.condition.lossRatio !== ratio;
      return isOver ? [] : await measureLink(pair, inForce, links, ending);
    }),
  );
  return judgeLoss(measures.flat(), pairs.length);
}

async function measureLink(
  pair: Pair,
  inForce: InForce,
  links: LinkPlan,
  ending: AbortSignal,
): Promise<LossMeasure[]> {
  const { condition } = inForce;
  const [source, target] = pair;
  const { seed } = links.conditionsOf(source.index);
  const link = { seed, source: source.name, target: target.name };
  const draws = drawsAround(link, condition.latency, condition.lossRatio, TRIES_MAX);
  const measure = async (message: MessageDraws | undefined): Promise<LossMeasure | null> => {
    if (message === undefined) return null;
    const onTimeMs = dueMs(message, inForce);
    const { drawKey, lostAboveRatio } = message;
    const lostMs = onTimeMs + RETRANSMISSION_TIMEOUT_US / 1_000;
    const deadlineMs = deadlineMsOf(lostMs);
    // A latency so long that nobody waits for it.
    if (deadlineMs < lostMs) return null;
    const measured = await measurePair(pair, inForce, links, { drawKey, uplinkMs: 0, deadlineMs });
    if (measured === null) return null;
    // One that has not come by then is late by that much at least: lost many times, where it should not have been at all.
    const lateMs = (measured.oneWayMs ?? deadlineMs) - onTimeMs;
    return { link: nameOf(pair), askedRatio: condition.lossRatio, lostAboveRatio, lateMs };
  };
  // One that had to be lost tells, late or not; one that had not tells when it came in time.
  const lost = await measureUntil(
    (attempt) => measure(draws.lost[attempt]),
    () => true,
    ending,
  );
  const kept = await measureUntil((attempt) => measure(draws.kept[attempt]), wasInTime, ending);
  return [...lost, ...kept];
}
