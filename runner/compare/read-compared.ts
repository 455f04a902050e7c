import { join } from "node:path";
import * as z from "zod";
import { shareDone } from "../analysis/survival.ts";
import { ResultsError, readManifest, readRows } from "../report/read-results.ts";
import { type RunSample, waited } from "./run-sample.ts";

/** A run as its folder of results tells it. */
export interface ComparedRun {
  readonly folder: string;
  /** "partition, seed 42, docker". */
  readonly title: string;
  /** As resolved, seed and all. */
  readonly scenario: Readonly<Record<string, unknown>>;
  /** valid, invalid or unknown. */
  readonly verdict: string;
  readonly sample: RunSample;
}

const manifestSchema = z.object({
  name: z.string(),
  seed: z.string(),
  backend: z.string(),
  scenario: z.record(z.string(), z.unknown()),
});

/** An empty cell is "not measured". */
const numberOrEmpty = z
  .string()
  .regex(/^(-?\d+(\.\d+)?)?$/)
  .transform((text) => (text === "" ? null : Number(text)));
const ms = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .transform(Number);

const summaryRow = z.object({
  warm_up_ms: ms,
  ended_ms: ms,
  fork_ratio: numberOrEmpty,
  stale_ratio: numberOrEmpty,
  verdict: z.enum(["valid", "invalid", "unknown"]),
});
const blockRow = z.object({ block_hash: z.string(), mined_ms: ms });
const propagationRow = z.object({ block_hash: z.string(), arrived_after_ms: numberOrEmpty });
const transactionRow = z.object({
  submitted_ms: ms,
  status: z.enum(["confirmed", "censored", "refused"]),
  confirmed_after_ms: numberOrEmpty,
});

/** Rejects with a `ResultsError`. */
export async function readCompared(folder: string): Promise<ComparedRun> {
  const manifest = await readManifest(folder, manifestSchema);
  const [[summary], blocks, deliveries, transactions] = await Promise.all([
    readRows(join(folder, "summary.csv"), summaryRow),
    readRows(join(folder, "blocks.csv"), blockRow),
    readRows(join(folder, "propagation.csv"), propagationRow),
    readRows(join(folder, "transactions.csv"), transactionRow),
  ]);
  if (summary === undefined) throw new ResultsError(`${join(folder, "summary.csv")} has no row`);
  const { warm_up_ms: warmUpMs, ended_ms: endMs } = summary;
  const minedMs = new Map(blocks.map((block) => [block.block_hash, block.mined_ms]));
  const { name, seed, backend, scenario } = manifest;
  return {
    folder,
    title: `${name}, seed ${seed}, ${backend === "sim" ? "simulated" : backend}`,
    scenario,
    verdict: summary.verdict,
    sample: {
      forkRatio: summary.fork_ratio,
      staleRatio: summary.stale_ratio,
      propagation: shareDone(
        deliveries.flatMap((row) => {
          const atMs = minedMs.get(row.block_hash) ?? -1;
          return atMs < warmUpMs ? [] : [waitedMs(row.arrived_after_ms, endMs - atMs)];
        }),
      ),
      confirmation: shareDone(
        transactions
          .filter((row) => row.status !== "refused" && row.submitted_ms >= warmUpMs)
          .map((row) => waitedMs(row.confirmed_after_ms, endMs - row.submitted_ms)),
      ),
    },
  };
}

/** The files have whole microseconds as three decimals; rounding takes away what binary fractions add. */
function waitedMs(afterMs: number | null, watchedMs: number) {
  return waited(afterMs === null ? null : Math.round(afterMs * 1_000), Math.round(watchedMs * 1_000));
}
