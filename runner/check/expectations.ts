import type { Micros } from "../../node/core/support/micros.ts";
import type { Analysis } from "../analysis/analyse.ts";
import { durationText, figureText } from "../analysis/figure-text.ts";
import { FIGURES } from "../analysis/figures.ts";
import type { Expectation } from "../plan.ts";
import type { ExpectationFinding, Finding } from "./verdict.ts";

/** Judges each line of `expect:`, in its order. */
export function judgeExpectations(
  expectations: readonly Expectation[],
  analysis: Analysis,
): ExpectationFinding[] {
  return expectations.map((expectation) =>
    "withinUs" in expectation
      ? judgeConverged(expectation.withinUs, analysis)
      : judgeBound(expectation, analysis),
  );
}

/** Who and what, for people; a name that is not here stands for itself. */
const OBSERVABLES: Readonly<Record<string, { readonly subject: string; readonly observable: string }>> = {
  reorgDepth: { subject: "every node", observable: "deepest reorganisation" },
  forkRate: { subject: "the chain", observable: "fork rate" },
  staleRate: { subject: "the chain", observable: "stale rate" },
  blocks: { subject: "the chain", observable: "blocks measured" },
  blockInterval: { subject: "the chain", observable: "mean block interval" },
  propagationP50: { subject: "blocks", observable: "propagation, 50 %" },
  propagationP90: { subject: "blocks", observable: "propagation, 90 %" },
  propagationP99: { subject: "blocks", observable: "propagation, 99 %" },
  confirmationP50: { subject: "transactions", observable: "confirmation, 50 %" },
  confirmationP90: { subject: "transactions", observable: "confirmation, 90 %" },
  confirmationP99: { subject: "transactions", observable: "confirmation, 99 %" },
  confirmedRatio: { subject: "transactions", observable: "confirmed share" },
  refused: { subject: "transactions", observable: "refusals" },
};

/** A bound on a figure. A figure that was not measured is unknown. */
function judgeBound(
  { name, min, max }: { readonly name: string; readonly min: number | null; readonly max: number | null },
  analysis: Analysis,
): ExpectationFinding {
  const figure = FIGURES.find((each) => each.expectation === name);
  const bounds = [
    ...(min === null ? [] : [`at least ${figure ? figureText(figure, min) : min}`]),
    ...(max === null ? [] : [`at most ${figure ? figureText(figure, max) : max}`]),
  ];
  const { subject, observable } = OBSERVABLES[name] ?? { subject: "the run", observable: name };
  const common = { name, subject, observable, bound: bounds.join(" and ") };
  if (figure === undefined)
    return {
      ...common,
      observable: name,
      observed: null,
      finding: "unknown",
      evidence: `no figure is called ${name}`,
    };
  const value = figure.value(analysis);
  const evidence = `${figure.column} in summary.csv`;
  const above = value === null ? figure.above(analysis) : null;
  // The run was too short to see the figure, yet long enough to see that it breaks the bound.
  if (above !== null && max !== null && above >= max)
    return {
      ...common,
      observed: `more than ${figureText(figure, above)}`,
      finding: "false",
      evidence: `${evidence} is empty: it was not reached in the time that was watched`,
    };
  if (value === null)
    return {
      ...common,
      observed: null,
      finding: "unknown",
      evidence: `${evidence} is empty: ${above === null ? "nothing was measured" : "the run was too short to reach it"}`,
    };
  const isMet = (min === null || value >= min) && (max === null || value <= max);
  return {
    ...common,
    observed: figureText(figure, value),
    finding: isMet ? "true" : "false",
    evidence,
  };
}

interface Convergence {
  readonly observed: string | null;
  readonly finding: Finding;
  readonly evidence: string;
}

/**
 * `converged: within`. Each heal, restart or resume that leaves no link cut must be followed within that time by an
 * instant at which all running nodes have one tip. Without any of these, there must have been such an instant in the last
 * `within` of the run. One that was watched for less, and did not get there, says nothing.
 */
function judgeConverged(withinUs: Micros, analysis: Analysis): ExpectationFinding {
  const mendings = analysis.recoveries.filter((recovery) => recovery.cutLinkCount === 0);
  const judged = mendings.length === 0 ? judgeEnd(withinUs, analysis) : judgeMendings(withinUs, mendings);
  return {
    name: "converged",
    subject: "all running nodes",
    observable: mendings.length === 0 ? "one tip at the end of the run" : "one tip after each mending",
    bound: `within ${durationText(withinUs)}`,
    ...judged,
  };
}

function judgeMendings(withinUs: Micros, mendings: Analysis["recoveries"]): Convergence {
  const findings = mendings.map((mending) => {
    const { agreedAfterUs, watchedUs, fault } = mending;
    const what = `${fault.description} at ${durationText(fault.appliedAtUs)}`;
    if (agreedAfterUs !== null) {
      const finding: Finding = agreedAfterUs <= withinUs ? "true" : "false";
      return {
        finding,
        us: agreedAfterUs,
        evidence: `${what}: one tip after ${durationText(agreedAfterUs)}`,
      };
    }
    const finding: Finding = watchedUs >= withinUs ? "false" : "unknown";
    return {
      finding,
      us: null,
      evidence: `${what}: no common tip in the ${durationText(watchedUs)} that followed`,
    };
  });
  const worst =
    findings.find((each) => each.finding === "false") ??
    findings.find((each) => each.finding === "unknown") ??
    findings.reduce((slowest, each) => ((each.us ?? 0) > (slowest?.us ?? 0) ? each : slowest), findings[0]);
  return {
    observed: worst === undefined || worst.us === null ? null : durationText(worst.us),
    finding: worst?.finding ?? "unknown",
    evidence: findings.map((each) => each.evidence).join("; "),
  };
}

function judgeEnd(withinUs: Micros, { endUs, lastAgreedUs }: Analysis): Convergence {
  if (lastAgreedUs === null)
    return { observed: null, finding: "false", evidence: "running nodes never had one tip" };
  const sinceUs = endUs - lastAgreedUs;
  return {
    observed: durationText(sinceUs),
    finding: sinceUs <= withinUs ? "true" : "false",
    evidence:
      sinceUs === 0
        ? "running nodes had one tip when the run ended"
        : `running nodes last had one tip ${durationText(sinceUs)} before the run ended`,
  };
}
