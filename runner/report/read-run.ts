import { join } from "node:path";
import * as z from "zod";
import { type TimelineEntry, timelineSchema } from "../scenario/timeline-schema.ts";
import type { PictureFault, PictureRun } from "./block-tree-picture.ts";
import { ResultsError, readManifest, readRows } from "./read-results.ts";

const manifestSchema = z.object({
  name: z.string(),
  seed: z.string(),
  backend: z.string(),
  scenario: z.object({ timeline: timelineSchema }),
});
const milliseconds = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .transform(Number);
const count = z.string().regex(/^\d+$/).transform(Number);
const summaryRow = z.object({ ended_ms: milliseconds });
const blockRow = z.object({
  block_hash: z.string(),
  parent_hash: z.string(),
  height: count,
  miner: count,
  mined_ms: milliseconds,
  final: z.enum(["true", "false"]),
});
const faultRow = z.object({
  fault: count,
  word: z.string(),
  description: z.string(),
  applied_ms: milliseconds,
});

/** What a picture needs of a folder of results. Rejects with a `ResultsError`. */
export async function readRun(folder: string): Promise<PictureRun> {
  const manifest = await readManifest(folder, manifestSchema);
  const [[summary], blocks, faults] = await Promise.all([
    readRows(join(folder, "summary.csv"), summaryRow),
    readRows(join(folder, "blocks.csv"), blockRow),
    readRows(join(folder, "faults.csv"), faultRow),
  ]);
  const { name, seed, backend, scenario } = manifest;
  if (summary === undefined) throw new ResultsError(`${join(folder, "summary.csv")} has no row`);
  return {
    title: `${name}, seed ${seed}, ${backend === "sim" ? "simulated" : backend}`,
    endMs: summary.ended_ms,
    blocks: blocks.map((row) => ({
      hash: row.block_hash,
      parentHash: row.parent_hash,
      height: row.height,
      miner: row.miner,
      minedMs: row.mined_ms,
      isFinal: row.final === "true",
    })),
    faults: faults
      .map((row): PictureFault => {
        const { word, description, applied_ms: appliedMs } = row;
        return { word, description, appliedMs, sides: sidesOf(word, scenario.timeline[row.fault]) };
      })
      .sort((a, b) => a.appliedMs - b.appliedMs),
  };
}

/** A one-way cut has no sides: what the receivers mine still goes both ways. */
function sidesOf(word: string, entry: TimelineEntry | undefined): PictureFault["sides"] {
  const partition = word === "partition" ? entry?.partition : undefined;
  return partition === undefined || "from" in partition ? [] : partition;
}
