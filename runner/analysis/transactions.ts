import type { Hex } from "../../node/core/chain/types.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import type { TransactionSettled, TransactionSubmitted } from "../record/run-event.ts";
import type { RunBlock, RunTree } from "./block-tree.ts";
import { type WaitingQuantiles, waitingQuantiles } from "./survival.ts";

/** What became of one submission. */
export interface TransactionFate {
  readonly submitted: TransactionSubmitted;
  /** The node's answer; null if none was journalled. */
  readonly settled: TransactionSettled | null;
  /** Its block on the final chain; null if it is on none. */
  readonly block: RunBlock | null;
  /** Blocks on the final chain from its own to the tip, both counted; 0 if it is on none. */
  readonly depth: number;
  /** From submission to the mining of the block that made it `confirmations` deep; null if that never happened. */
  readonly confirmedAfterUs: Micros | null;
  readonly status: "confirmed" | "censored" | "refused";
}

export interface TransactionFigures {
  /** In the order of submission. */
  readonly fates: readonly TransactionFate[];
  readonly confirmedCount: number;
  /** Not refused, and not deep enough when the run ended: still waiting. Never left out of the quantiles. */
  readonly censoredCount: number;
  readonly refusedCount: number;
  /** Answered with neither yes nor no, or not at all; each is also confirmed or censored. */
  readonly unansweredCount: number;
  /** Over submissions after the warm-up; see `waitingQuantiles` for how the censored count. */
  readonly confirmationUs: WaitingQuantiles;
}

/**
 * Follows each submission to its place on the final chain. A transaction is `confirmations` deep when that many blocks
 * of the final chain, its own the first, hold it: with no forks the wait is Erlang(confirmations) (published-results,
 * "confirmation time"). What a node refused waits for nothing. An id that was refused and submitted again belongs to the later.
 */
export function followTransactions(
  submitted: readonly TransactionSubmitted[],
  settled: readonly TransactionSettled[],
  tree: RunTree,
  span: { readonly warmUpUs: Micros; readonly endUs: Micros; readonly confirmations: number },
): TransactionFigures {
  const answers = matchAnswers(submitted, settled);
  const blocks = new Map<Hex, RunBlock>();
  for (const block of tree.finalChain) for (const id of block.transactionIds) blocks.set(id, block);

  const fates = submitted.map((submission, i): TransactionFate => {
    const answer = answers[i] ?? null;
    if (answer?.outcome === "refused")
      return {
        submitted: submission,
        settled: answer,
        block: null,
        depth: 0,
        confirmedAfterUs: null,
        status: "refused",
      };
    const block = blocks.get(submission.id) ?? null;
    const deep = block === null ? undefined : tree.finalChain[block.height + span.confirmations - 2];
    return {
      submitted: submission,
      settled: answer,
      block,
      depth: block === null ? 0 : tree.finalChain.length - block.height + 1,
      confirmedAfterUs: deep === undefined ? null : deep.minedAtUs - submission.atUs,
      status: deep === undefined ? "censored" : "confirmed",
    };
  });

  const waits = fates.flatMap(({ submitted: { atUs }, confirmedAfterUs, status }) =>
    status === "refused" || atUs < span.warmUpUs
      ? []
      : [
          {
            afterUs: confirmedAfterUs ?? Math.max(0, span.endUs - atUs),
            happened: confirmedAfterUs !== null,
          },
        ],
  );
  const count = (status: TransactionFate["status"]) => fates.filter((fate) => fate.status === status).length;
  return {
    fates,
    confirmedCount: count("confirmed"),
    censoredCount: count("censored"),
    refusedCount: count("refused"),
    unansweredCount: fates.filter((fate) => fate.settled === null || fate.settled.outcome === "unknown")
      .length,
    confirmationUs: waitingQuantiles(waits),
  };
}

/** The answer to each submission, by its place. An answer belongs to the first submission of its id that has none yet. */
function matchAnswers(
  submitted: readonly TransactionSubmitted[],
  settled: readonly TransactionSettled[],
): (TransactionSettled | null)[] {
  const queues = new Map<Hex, TransactionSettled[]>();
  for (const answer of settled) {
    const queue = queues.get(answer.id);
    if (queue === undefined) queues.set(answer.id, [answer]);
    else queue.push(answer);
  }
  return submitted.map((submission) => queues.get(submission.id)?.shift() ?? null);
}
