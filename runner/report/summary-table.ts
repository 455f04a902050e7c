import { styleText } from "node:util";
import Table from "cli-table3";
import type { Analysis } from "../analysis/analyse.ts";
import { ABSENT, countText, durationText, numberText, ratioText } from "../analysis/figure-text.ts";
import type { Quantiles } from "../analysis/statistics.ts";
import type { Finding, Verdict } from "../check/verdict.ts";
import type { FinishedRun } from "../record/finished-run.ts";

export interface SummaryOptions {
  /** Of the terminal; 80 where there is none. */
  readonly columns?: number;
  /** Colour codes; leave them out wherever the text does not go to a terminal. */
  readonly color?: boolean;
}

/** Where the files are, and the hash that two runs of one seed share. */
export interface ResultsPlace {
  readonly folder: string;
  readonly eventLogSha256: string;
}

/** Enough to tell two runs apart by eye; the whole hash is in the manifest. */
const SHOWN_HASH_DIGITS = 16;

const DEFAULT_COLUMNS = 80;
/** Narrower than this the values would be broken after each word. */
const COLUMNS_MIN = 60;
/** Wider than this a line is no longer read as one. */
const COLUMNS_MAX = 110;
const LABEL_COLUMNS = 18;

/** What stands at the end of a run: its figures, its verdict, what to distrust, and where the files are. */
export function renderSummary(run: FinishedRun, place: ResultsPlace, options: SummaryOptions = {}): string {
  const columns = Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, options.columns ?? DEFAULT_COLUMNS));
  const { plan, backend, analysis } = run;
  const nodes = `${countText(plan.nodes.length)} ${plan.nodes.length === 1 ? "node" : "nodes"}`;
  const title = [plan.name, `seed ${plan.seed}`, nodes, durationText(analysis.endUs), backend].join(" · ");
  const paint = painter(options.color ?? false);
  return [
    "",
    paint("bold", title),
    "",
    layout(figureRows(analysis), columns),
    "",
    layout(verdictRows(run.verdict, paint), columns),
    "",
    `  Event log         ${place.eventLogSha256.slice(0, SHOWN_HASH_DIGITS)}`,
    `  Results           ${place.folder}`,
    "",
  ].join("\n");
}

type Row = readonly [label: string, value: string];
type Paint = (format: "bold" | "green" | "red" | "yellow", text: string) => string;

function painter(isColored: boolean): Paint {
  return (format, text) => (isColored ? styleText(format, text, { validateStream: false }) : text);
}

function figureRows(analysis: Analysis): Row[] {
  const { forks, tree, reorganisations, propagation, transactions, hashRates, load } = analysis;
  return [
    ["Blocks", `${countText(tree.blocks.length)} mined, final chain of ${countText(tree.finalChain.length)}`],
    ["Forks", forksText(analysis)],
    ["Stale rate", shareText(forks.stale)],
    ["Reorganisations", reorganisations.depthMax === null ? ABSENT : reorgText(analysis)],
    ["Converged", convergedText(analysis)],
    [
      "Propagation",
      quantileText(
        propagation.delayUs,
        `${countText(propagation.deliveredCount)} deliveries`,
        propagation.censoredCount,
      ),
    ],
    [
      "Confirmation",
      quantileText(transactions.confirmationUs, `${countText(transactions.confirmedCount)} confirmed`, null),
    ],
    ["Transactions", transactionsText(analysis)],
    ["Hash rate", askedText(hashRates.total.asked, hashRates.total.achieved, "hashes/s")],
    [
      "Transaction rate",
      load.perSec.asked === 0 ? ABSENT : askedText(load.perSec.asked, load.perSec.achieved, "transactions/s"),
    ],
  ];
}

function forksText({ forks, tree }: Analysis): string {
  if (tree.blocks.length === 0) return ABSENT;
  const { longestBranch, forked } = forks;
  const count = `${countText(forks.forks.length)} ${forks.forks.length === 1 ? "height" : "heights"}`;
  const branch = longestBranch === 0 ? "" : `; longest stale branch ${blocksText(longestBranch)}`;
  return `${count}; fork rate ${ratioText(forked.ratio)}${branch}`;
}

function shareText({ ratio, low, high, hits, trials }: Analysis["forks"]["stale"]): string {
  if (ratio === null) return `${ABSENT}  no block in the measured window`;
  return `${ratioText(ratio)}  (${ratioText(low)} to ${ratioText(high)}; ${countText(hits)} of ${countText(trials)} blocks)`;
}

function reorgText({ reorganisations }: Analysis): string {
  const count = reorganisations.list.length;
  return count === 0
    ? "none"
    : `${countText(count)} at all nodes, the deepest ${blocksText(reorganisations.depthMax ?? 0)}`;
}

function convergedText({ recoveries }: Analysis): string {
  const mendings = recoveries.filter((each) => each.cutLinkCount === 0);
  if (mendings.length === 0) return ABSENT;
  return mendings
    .map(({ agreedAfterUs, watchedUs, fault }) => {
      const when = `${fault.word} at ${durationText(fault.appliedAtUs)}`;
      return agreedAfterUs === null
        ? `not in the ${durationText(watchedUs)} after ${when}`
        : `${durationText(agreedAfterUs)} after ${when}`;
    })
    .join("; ");
}

function quantileText({ p50, p90, p99 }: Quantiles, of: string, censoredCount: number | null): string {
  if (p50 === null && p90 === null && p99 === null) return ABSENT;
  const censored =
    censoredCount === null || censoredCount === 0 ? "" : `, ${countText(censoredCount)} never arrived`;
  const values = [p50, p90, p99].map((value) => durationText(value)).join(" / ");
  return `${values}  (50 / 90 / 99 %; ${of}${censored})`;
}

function transactionsText({ transactions }: Analysis): string {
  const { fates, confirmedCount, censoredCount, refusedCount } = transactions;
  if (fates.length === 0) return ABSENT;
  return `${countText(fates.length)} submitted: ${countText(confirmedCount)} confirmed, ${countText(censoredCount)} censored, ${countText(refusedCount)} refused`;
}

function askedText(asked: number | null, achieved: number | null, unit: string): string {
  if (asked === null && achieved === null) return ABSENT;
  return `${numberText(achieved)} of ${numberText(asked)} ${unit} asked`;
}

function blocksText(count: number): string {
  return `${countText(count)} ${count === 1 ? "block" : "blocks"}`;
}

const SIGNS: Record<Finding, string> = { true: "met", false: "NOT MET", unknown: "unknown" };

function verdictRows(verdict: Verdict, paint: Paint): Row[] {
  const colors = { valid: "green", invalid: "red", unknown: "yellow" } as const;
  const rows: Row[] = [["Verdict", paint(colors[verdict.outcome], verdict.outcome)]];
  for (const { subject, observable, bound, observed, finding, evidence } of verdict.expectations) {
    const because = finding === "unknown" || observed === null ? ` (${evidence})` : "";
    rows.push([
      `  ${SIGNS[finding]}`,
      `${subject}: ${observable} ${bound}; observed ${observed ?? ABSENT}${because}`,
    ]);
  }
  const doubts = verdict.trust.filter((each) => each.finding === "false");
  const heldCount = verdict.trust.filter((each) => each.finding === "true").length;
  if (doubts.length === 0) rows.push(["Trust", `${heldCount} checks held`]);
  else rows.push(["Trust", paint("yellow", "this run is not to be trusted")]);
  for (const { check, claim, evidence } of doubts) rows.push([`  ${check}`, `not so: ${claim} ${evidence}`]);
  return rows;
}

/** Two columns without lines; long values go on below themselves. */
function layout(rows: readonly Row[], columns: number): string {
  const table = new Table({
    chars: NO_LINES,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colWidths: [LABEL_COLUMNS, columns - LABEL_COLUMNS - 2],
    wordWrap: true,
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => `  ${line}`.trimEnd())
    .join("\n");
}

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};
