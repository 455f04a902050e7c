import type { Figure } from "../../analysis/figure.ts";
import { FIGURES } from "../../analysis/figures.ts";
import type { Recovery } from "../../analysis/recovery.ts";
import type { TransactionFate } from "../../analysis/transactions.ts";
import type { PlannedFault } from "../../plan.ts";
import { type Column, column, msColumn } from "../column.ts";
import type { FinishedRun } from "../finished-run.ts";
import { resultTable } from "../result-table.ts";
import type { FaultApplied, NodeSampled } from "../run-event.ts";

export const transactionsTable = resultTable<TransactionFate>(
  {
    file: "transactions.csv",
    title: "Transactions",
    meaning: "One row for each submission, in the order of time.",
    key: [],
    columns: [
      column("transaction_id", "hash", null, "SHA-256 of its bytes.", (fate) => fate.submitted.id),
      column("node", "integer", null, "Index of the node it was handed to.", (fate) => fate.submitted.node),
      column("kind", "text", null, "transfer or post.", (fate) => fate.submitted.kind),
      column("fee", "integer", "coins", "What it offers the miner.", (fate) => fate.submitted.fee),
      msColumn("planned_ms", "When it was due.", (fate) => fate.submitted.plannedAtUs),
      msColumn("submitted_ms", "When it was handed over.", (fate) => fate.submitted.atUs),
      msColumn(
        "settled_ms",
        "When the node answered; empty if it never did.",
        (fate) => fate.settled?.atUs ?? null,
      ),
      column(
        "outcome",
        "text",
        null,
        "The answer: accepted, refused, or unknown when it cannot be trusted; empty if there was none.",
        (fate) => fate.settled?.outcome ?? null,
      ),
      column(
        "code",
        "text",
        null,
        "Why it was refused, or why no answer came.",
        (fate) => fate.settled?.code || null,
      ),
      column(
        "status",
        "text",
        null,
        "confirmed: as deep as `confirmations` asks. censored: not refused, and not that deep when the run ended. refused.",
        (fate) => fate.status,
      ),
      column(
        "block_hash",
        "hash",
        null,
        "Its block on the final chain; empty if none.",
        (fate) => fate.block?.hash ?? null,
      ),
      column("height", "integer", "blocks", "Height of that block.", (fate) => fate.block?.height ?? null),
      column(
        "depth",
        "integer",
        "blocks",
        "Blocks of the final chain from its own to the tip, both counted; 0 if it is in none, empty if it was refused.",
        (fate) => (fate.status === "refused" ? null : fate.depth),
      ),
      msColumn("included_after_ms", "Time from submission to the mining of its block.", (fate) =>
        fate.block === null ? null : fate.block.minedAtUs - fate.submitted.atUs,
      ),
      msColumn(
        "confirmed_after_ms",
        "Time from submission to the mining of the block that made it `confirmations` deep; empty if censored or refused.",
        (fate) => fate.confirmedAfterUs,
      ),
    ],
  },
  ({ analysis }) => analysis.transactions.fates,
);

export const nodesTable = resultTable<NodeSampled>(
  {
    file: "nodes.csv",
    title: "Nodes",
    meaning:
      "State of each node over time, one row a sample, in the order of time. What a backend cannot know is empty: a node that is down has no figures, a simulated one no processor.",
    key: ["at_ms", "node"],
    columns: [
      msColumn("at_ms", "When it was looked at.", (sample) => sample.atUs),
      column("node", "integer", null, "Index of the node.", (sample) => sample.node),
      column("height", "integer", "blocks", "Height of its tip.", (sample) => sample.height),
      column("tip_hash", "hash", null, "Its tip.", (sample) => sample.tipHash),
      column(
        "mempool_count",
        "integer",
        "transactions",
        "Transactions waiting at it.",
        (sample) => sample.mempoolCount,
      ),
      column("mempool_bytes", "integer", "bytes", "Their canonical bytes.", (sample) => sample.mempoolBytes),
      column("peer_count", "integer", "nodes", "Peers it is connected to.", (sample) => sample.peerCount),
      column(
        "hashes_per_s_asked",
        "number",
        "hashes/s",
        "Hash rate asked of it at this time.",
        (sample) => sample.hashesPerSecAsked,
      ),
      column(
        "hashes_per_s_achieved",
        "number",
        "hashes/s",
        "Hashes tried since its last sample, or expected to have been where blocks are drawn.",
        (sample) => sample.hashesPerSecAchieved,
      ),
      column(
        "event_loop_lag_ms_p99",
        "number",
        "ms",
        "How late its timers fired since the last sample, 99 %.",
        (sample) => sample.eventLoopLagMsP99,
      ),
      column(
        "resident_bytes",
        "integer",
        "bytes",
        "Memory of its process.",
        (sample) => sample.residentBytes,
      ),
      column(
        "cpu_ratio",
        "ratio",
        null,
        "Share of one processor that it used; above 1 with threads.",
        (sample) => sample.cpuRatio,
      ),
      column(
        "sent_messages",
        "integer",
        "messages",
        "Sent to peers since it started.",
        (sample) => sample.sentMessages,
      ),
      column("sent_bytes", "integer", "bytes", "Their bytes on the wire.", (sample) => sample.sentBytes),
    ],
  },
  ({ analysis }) => analysis.samples,
);

interface FaultRow {
  readonly planned: PlannedFault | null;
  readonly applied: FaultApplied | null;
  readonly recovery: Recovery | null;
}

/** What was applied in the order of the journal, then what was planned and never was. */
function faultRows({ plan, analysis }: FinishedRun): FaultRow[] {
  const missed = [...plan.timeline];
  const rows = analysis.faults.map((applied): FaultRow => {
    const place = missed.findIndex(
      (each) => each.index === applied.fault && each.fault.word === applied.word,
    );
    const planned = place < 0 ? null : (missed.splice(place, 1)[0] ?? null);
    const recovery = analysis.recoveries.find((each) => each.fault === applied) ?? null;
    return { planned, applied, recovery };
  });
  return [...rows, ...missed.map((planned) => ({ planned, applied: null, recovery: null }))];
}

export const faultsTable = resultTable<FaultRow>(
  {
    file: "faults.csv",
    title: "Faults",
    meaning:
      "One row for each line of the timeline (two for a line with `for:`): asked, applied, probed. What was never applied comes last.",
    key: [],
    columns: [
      column(
        "fault",
        "integer",
        null,
        "Line of the timeline, from 0.",
        (row) => row.applied?.fault ?? row.planned?.index ?? null,
      ),
      column(
        "word",
        "text",
        null,
        "Its word.",
        (row) => row.applied?.word ?? row.planned?.fault.word ?? null,
      ),
      column(
        "description",
        "text",
        null,
        "The line as the scenario says it.",
        (row) => row.applied?.description ?? row.planned?.description ?? null,
      ),
      msColumn(
        "planned_ms",
        "When it was due.",
        (row) => row.applied?.plannedAtUs ?? row.planned?.atUs ?? null,
      ),
      msColumn(
        "applied_ms",
        "When it was in force; empty if it never was.",
        (row) => row.applied?.appliedAtUs ?? null,
      ),
      column(
        "probed",
        "boolean",
        null,
        "Whether a probe saw it at work; empty if it leaves nothing to probe or could not be measured, which the evidence says.",
        (row) => row.applied?.probed ?? null,
      ),
      column("evidence", "text", null, "What the probe saw.", (row) => row.applied?.evidence || null),
      column(
        "cut_links",
        "integer",
        "links",
        "Of a heal, restart or resume: directed links still cut after it.",
        (row) => row.recovery?.cutLinkCount ?? null,
      ),
      msColumn(
        "converged_after_ms",
        "Of the same: time to the first instant at which all running nodes had one tip; empty if there was none.",
        (row) => row.recovery?.agreedAfterUs ?? null,
      ),
      msColumn(
        "watched_ms",
        "Of the same: how long that was watched for, up to the next fault or the end of the run.",
        (row) => row.recovery?.watchedUs ?? null,
      ),
    ],
  },
  faultRows,
);

function figureColumn(figure: Figure): Column<FinishedRun> {
  const value = (run: FinishedRun) => figure.value(run.analysis);
  if (figure.kind === "us") return msColumn(figure.column, figure.meaning, value);
  const kind = figure.kind === "count" ? "integer" : figure.kind;
  return column(figure.column, kind, figure.unit, figure.meaning, value);
}

export const summaryTable = resultTable<FinishedRun>(
  {
    file: "summary.csv",
    title: "Summary",
    meaning: "One row for the whole run, so that the summaries of a sweep can be stacked.",
    key: ["scenario", "seed", "backend"],
    columns: [
      column("scenario", "text", null, "Name of the scenario.", ({ plan }) => plan.name),
      column("seed", "text", null, "Seed of every random choice.", ({ plan }) => plan.seed),
      column("backend", "text", null, "What ran it.", ({ backend }) => backend),
      column("nodes", "integer", "nodes", "Nodes of the scenario.", ({ plan }) => plan.nodes.length),
      column(
        "confirmations",
        "integer",
        "blocks",
        "Depth at which a transaction counts as confirmed.",
        ({ plan }) => plan.confirmations,
      ),
      msColumn("duration_ms", "Length of the run as planned.", ({ plan }) => plan.durationUs),
      msColumn("warm_up_ms", "Start of the measured window.", ({ plan }) => plan.warmUpUs),
      ...FIGURES.map(figureColumn),
      column(
        "verdict",
        "text",
        null,
        "valid, invalid or unknown; see verdict.json.",
        ({ verdict }) => verdict.outcome,
      ),
    ],
  },
  (run) => [run],
);
