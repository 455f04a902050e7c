import { RETRANSMISSION_TIMEOUT_US } from "../../node/link/link-delay.ts";
import { ratioText } from "../analysis/figure-text.ts";
import { countText, type Evidence, NOT_MEASURED, shortList } from "./evidence.ts";

/** One message over one link, whose draws were known. */
export interface LossMeasure {
  readonly link: string;
  readonly askedRatio: number;
  /** The message is lost at any ratio above this one. */
  readonly lostAboveRatio: number;
  /** Later than it arrives when it is not lost, by so much. */
  readonly lateMs: number;
}

const RETRANSMISSION_MS = RETRANSMISSION_TIMEOUT_US / 1_000;

/** Clocks of two processes differ by less than a millisecond, and timers may fire half of one early. */
const EARLY_MS = 2;

/** What comes sooner than a retransmission, and that is never early, was not lost; what comes later was, or the machine was as late. */
export function wasInTime({ lateMs }: Pick<LossMeasure, "lateMs">): boolean {
  return lateMs < RETRANSMISSION_MS - EARLY_MS;
}

/**
 * Whether links lose the share of messages that was asked, by messages whose draws lie just below the ratio and just above. One below it that comes before
 * its retransmission is enough to know better, since nothing makes a message early. A busy machine makes one late; so a link is held to lose too much
 * only if all of its messages above the ratio were late, and the caller measures several where the first was. Of `linkCount` links some may show nothing.
 */
export function judgeLoss(measures: readonly LossMeasure[], linkCount: number): Evidence {
  if (measures.length === 0) return NOT_MEASURED;
  const links = [...new Set(measures.map(({ link }) => link))];
  const of = (link: string) => measures.filter((each) => each.link === link);
  const losingLess = links.filter((link) => of(link).some((each) => isToBeLost(each) && wasInTime(each)));
  const losingMore = links.filter((link) => {
    const kept = of(link).filter((each) => !isToBeLost(each));
    return kept.length > 0 && !kept.some(wasInTime);
  });
  const faults = [
    ...(losingLess.length > 0 ? [`loses too little: ${shortList(losingLess)}`] : []),
    ...(losingMore.length > 0 ? [`loses too much: ${shortList(losingMore)}`] : []),
  ];
  if (faults.length > 0) return { probed: false, evidence: faults.join("; ") };
  const seen = links.map(of).filter(isSeen);
  if (seen.length === 0)
    return { probed: null, evidence: `too few messages measured to tell a loss of ${shareOf(measures)}` };
  return { probed: true, evidence: describe(seen, linkCount) };
}

/** Both sides of the ratio, of which a ratio of 0 has but one. */
function isSeen(measures: readonly LossMeasure[]): boolean {
  const hasLost = measures.some(isToBeLost) || measures.every((each) => each.askedRatio === 0);
  return hasLost && measures.some((each) => !isToBeLost(each));
}

function isToBeLost({ askedRatio, lostAboveRatio }: LossMeasure): boolean {
  return lostAboveRatio < askedRatio;
}

function describe(links: readonly (readonly LossMeasure[])[], linkCount: number): string {
  const lost = links.flatMap((each) => each.filter(isToBeLost));
  const kept = links.map((each) => Math.min(...each.filter((one) => !isToBeLost(one)).map(lateOf)));
  const least = Math.max(...links.flat().flatMap((each) => (isToBeLost(each) ? [] : each.lostAboveRatio)));
  const keptText = `at most ${Math.max(0, ...kept).toFixed(1)} ms`;
  const count = countText(links.length, linkCount, "link");
  if (lost.length === 0)
    return `on ${count} a message that a loss of ${ratioText(least)} would hit came ${keptText} late`;
  const late = lost.map(lateOf);
  return (
    `on ${count} a message that a loss of ${shareOf(lost)} only just hits came ` +
    `${Math.min(...late).toFixed(1)} to ${Math.max(...late).toFixed(1)} ms late, one that it only just misses ${keptText}; ` +
    `each that was lost held its link up for ${RETRANSMISSION_MS} ms`
  );
}

function lateOf({ lateMs }: LossMeasure): number {
  return lateMs;
}

/** One fault asks one ratio. */
function shareOf([first]: readonly LossMeasure[]): string {
  return ratioText(first?.askedRatio ?? 0);
}
