import type { Analysis } from "../analysis/analyse.ts";
import { durationText, numberText } from "../analysis/figure-text.ts";
import type { NodeEnd } from "../backends/backend.ts";
import type { RunPlan } from "../plan.ts";
import type { JudgeContext } from "./context.ts";
import { BLOCK_COUNT_SIGMAS, BLOCK_COUNT_SLACK } from "./thresholds.ts";
import { held, notMeasured, type TrustCheck } from "./trust-check.ts";

/** What is wrong at more nodes than these is wrong everywhere; the rest is in the files. */
const REASONS_MAX = 5;

/** Whether what was asked happened, nothing else did, and the journal tells all of it. */
export const RECORD_CHECKS: readonly TrustCheck[] = [
  { check: "ran-to-end", claim: "The run lasted as long as planned.", judge: ranToEnd },
  { check: "faults-seen", claim: "Every fault took effect.", judge: faultsSeen },
  { check: "nodes-alive", claim: "No node went down unasked.", judge: nodesAlive },
  { check: "blocks-accepted", claim: "No node refused a block of another.", judge: blocksAccepted },
  {
    check: "block-count",
    claim: "Blocks came as often as the hash rate asked for gives.",
    judge: blockCount,
  },
  {
    check: "journal-complete",
    claim: "The journal connects every block and tip to genesis.",
    judge: journalComplete,
  },
  { check: "final-states", claim: "Nodes ended where the journal says.", judge: finalStates },
  { check: "supply", claim: "Balances add up to the coins issued.", judge: supply },
  { check: "refusals-kept", claim: "What a node refused is on no chain.", judge: refusalsKept },
];

function ranToEnd({ durationUs }: RunPlan, { endUs }: Analysis, { interrupted }: JudgeContext) {
  const evidence = `recorded ${durationText(endUs)} of ${durationText(durationUs)}`;
  return held(!interrupted && endUs >= durationUs, interrupted ? `${evidence}; interrupted` : evidence);
}

function faultsSeen(plan: RunPlan, { faults, endUs }: Analysis) {
  if (plan.timeline.length === 0 && faults.length === 0) return notMeasured("no fault was planned");
  const missed = [...plan.timeline.filter((planned) => planned.atUs < endUs)];
  for (const applied of faults) {
    const place = missed.findIndex(
      (each) => each.index === applied.fault && each.fault.word === applied.word,
    );
    if (place >= 0) missed.splice(place, 1);
  }
  const unseen = faults.filter((fault) => fault.probed === false);
  const reasons = [
    ...missed.map((planned) => `never applied: ${planned.description}`),
    ...unseen.map((fault) => `not seen at work: ${fault.description} (${fault.evidence})`),
  ];
  const probedCount = faults.filter((fault) => fault.probed === true).length;
  return held(
    reasons.length === 0,
    reasons.length === 0 ? `${faults.length} applied, ${probedCount} of them probed` : reasons.join("; "),
  );
}

function nodesAlive({ timeline }: RunPlan, { changes, endUs }: Analysis, { nodeEnds }: JudgeContext) {
  const asked = timeline.flatMap(({ fault, atUs }) =>
    fault.word === "crash" ? fault.nodes.map((node) => ({ node, atUs })) : [],
  );
  const unasked = changes.filter((change) => {
    if ((change.state !== "crashed" && change.state !== "stopped") || change.atUs >= endUs) return false;
    const place = asked.findIndex((each) => each.node === change.node && each.atUs <= change.atUs);
    if (place >= 0) asked.splice(place, 1);
    return place < 0;
  });
  const reasons = [
    ...unasked.map(({ node, state, atUs }) => `node ${node} ${state} at ${durationText(atUs)}`),
    ...(nodeEnds ?? []).flatMap(({ node, failure }) =>
      failure === null ? [] : [`node ${node}: ${failure}`],
    ),
  ];
  return held(
    reasons.length === 0,
    reasons.length === 0 ? "none did" : reasons.slice(0, REASONS_MAX).join("; "),
  );
}

function blocksAccepted(_plan: RunPlan, { refusals }: Analysis) {
  const counts = new Map<string, number>();
  for (const { code } of refusals) counts.set(code, (counts.get(code) ?? 0) + 1);
  return held(
    refusals.length === 0,
    refusals.length === 0
      ? "none was refused"
      : [...counts].map(([code, count]) => `${count} x ${code}`).join(", "),
  );
}

function blockCount(_plan: RunPlan, { hashRates, tree }: Analysis) {
  const expected = hashRates.expectedBlockCount;
  if (expected === null) return notMeasured("no hash rate was sampled");
  const allowed = BLOCK_COUNT_SIGMAS * Math.sqrt(expected) + BLOCK_COUNT_SLACK;
  return held(
    Math.abs(tree.blocks.length - expected) <= allowed,
    `${tree.blocks.length} blocks, ${numberText(expected)} ± ${numberText(allowed)} expected`,
  );
}

function journalComplete(_plan: RunPlan, { tree, propagation, agreement, samples }: Analysis) {
  const isUnknown = (hash: string | null, height: number | null) =>
    hash !== null && height !== 0 && !tree.byHash.has(hash);
  const unknownTips = new Set([
    ...agreement.finalNodes.flatMap(({ tipHash, height }) => (isUnknown(tipHash, height) ? [tipHash] : [])),
    ...samples.flatMap(({ tipHash, height }) => (isUnknown(tipHash, height) ? [tipHash] : [])),
  ]);
  const holes = [
    ...(tree.detached.length > 0 ? [`${tree.detached.length} blocks do not connect to genesis`] : []),
    ...(tree.minedTwice.length > 0 ? [`${tree.minedTwice.length} blocks were mined twice`] : []),
    ...(propagation.unknownCount > 0 ? [`${propagation.unknownCount} arrivals of blocks nobody mined`] : []),
    ...(unknownTips.size > 0 ? [`${unknownTips.size} tips that nobody mined`] : []),
  ];
  return held(
    holes.length === 0,
    holes.length === 0 ? `${tree.blocks.length} blocks connect` : holes.join("; "),
  );
}

function finalStates(_plan: RunPlan, { agreement, tree }: Analysis, { nodeEnds }: JudgeContext) {
  if (nodeEnds === null) return notMeasured("nodes could not be asked");
  const silent = agreement.finalNodes.flatMap(({ isRunning }, node) =>
    isRunning && !nodeEnds.some((end) => end.node === node && end.tipHash !== null) ? [node] : [],
  );
  const strayed = nodeEnds.filter(({ node, tipHash, height }) => {
    if (tipHash === null) return false;
    const journalled = agreement.finalNodes[node];
    if (journalled === undefined || journalled.height !== height) return true;
    // Before its first block a node stands at genesis, which no event names.
    const expected = height === 0 ? tree.genesisHash : journalled.tipHash;
    return expected !== null && tipHash !== expected;
  });
  const reasons = [
    ...strayed.map(({ node, height }) => `node ${node} ended on another tip, of height ${height}`),
    ...silent.map((node) => `node ${node} did not say`),
  ];
  return held(
    reasons.length === 0,
    reasons.length === 0 ? `${nodeEnds.length} nodes asked` : reasons.slice(0, REASONS_MAX).join("; "),
  );
}

function supply(_plan: RunPlan, _analysis: Analysis, { nodeEnds }: JudgeContext) {
  const asked = (nodeEnds ?? []).filter(
    ({ coins, coinsExpected }) => coins !== null && coinsExpected !== null,
  );
  if (asked.length === 0) return notMeasured("nodes could not be asked");
  const wrong = asked.filter(({ coins, coinsExpected }) => coins !== coinsExpected);
  const describe = ({ node, height, coins, coinsExpected }: NodeEnd) =>
    `node ${node} has ${coins} coins at height ${height}, ${coinsExpected} issued`;
  return held(
    wrong.length === 0,
    wrong.length === 0 ? `${asked.length} nodes asked` : wrong.slice(0, REASONS_MAX).map(describe).join("; "),
  );
}

function refusalsKept(_plan: RunPlan, { transactions, tree }: Analysis) {
  const live = new Set(
    transactions.fates.flatMap((fate) => (fate.status === "refused" ? [] : [fate.submitted.id])),
  );
  const refused = new Set(
    transactions.fates.flatMap((fate) => (fate.status === "refused" ? [fate.submitted.id] : [])),
  );
  if (refused.size === 0) return notMeasured("no transaction was refused");
  const kept = tree.finalChain
    .flatMap((block) => block.transactionIds)
    .filter((id) => refused.has(id) && !live.has(id));
  return held(kept.length === 0, kept.length === 0 ? "none is" : `${kept.length} are on the final chain`);
}
