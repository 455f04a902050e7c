import { writeFile } from "node:fs/promises";
import { drawBlockTree, PICTURE_BLOCKS_MAX } from "./block-tree-picture.ts";
import { readRun } from "./read-run.ts";

/** Draws the block tree of a run: `npm run picture -- RESULTS_FOLDER OUT.svg`. */
const [folder, out] = process.argv.slice(2);
if (folder === undefined || out === undefined) fail("usage: npm run picture -- RESULTS_FOLDER OUT.svg");

const run = await readRun(folder).catch((error: unknown) => fail(String(error)));
if (run.blocks.length > PICTURE_BLOCKS_MAX)
  fail(
    `${run.blocks.length} blocks could not be told apart; ${PICTURE_BLOCKS_MAX} is the most: take a shorter run`,
  );
await writeFile(out, drawBlockTree(run));

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
