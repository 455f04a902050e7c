import { Command, CommanderError, InvalidArgumentError } from "commander";
import { createLogUpdate } from "log-update";
import { EXIT_BAD_SCENARIO, EXIT_BY_SIGNAL } from "../exit-status.ts";
import { ResultsError } from "../report/read-results.ts";
import { ScenarioError } from "../scenario/problem.ts";
import { type Agreement, compareRuns, overall } from "./compare-runs.ts";
import { type ComparedRun, readCompared } from "./read-compared.ts";
import { rehearse } from "./rehearse.ts";
import { renderComparison } from "./render.ts";
import type { RunSample } from "./run-sample.ts";

/** `npm run compare RUN RUN`: whether two runs differ by more than chance. Exits with 0 if they agree, 1 if they differ, 2 if that cannot be said. */

const EXIT_STATUS: Record<Agreement, number> = { agree: 0, differ: 1, unknown: 2 };

/** Pairs of them are what chance is measured by: 1,770 pairs of 60 runs. */
const SEEDS_DEFAULT = 60;
/** Of fewer, too few pairs lie above the limit to set it. */
const SEEDS_MIN = 14;

const program = new Command("npm run compare")
  .usage("RUN RUN -- [options]")
  .description(
    "Compares two folders of results: fork and stale rate, propagation and confirmation times. How far runs of one scenario are apart by chance is found by simulating the first one's scenario with many seeds.",
  )
  .argument("<RUN>", "folder of results, such as results/partition/latest")
  .argument("<RUN>", "another")
  .option("--seeds <count>", "simulated runs that show what chance does", countOf, SEEDS_DEFAULT)
  .addHelpText(
    "after",
    "\nExit status: 0 they agree    1 they differ    2 unknown    3 a folder cannot be read",
  )
  .allowExcessArguments(false)
  .exitOverride();

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_BAD_SCENARIO;
  }
  const [first = "", second = ""] = program.args;
  const { seeds } = program.opts<{ seeds: number }>();
  const ending = new AbortController();
  process.once("SIGINT", () => ending.abort());
  let runs: readonly [ComparedRun, ComparedRun];
  let rehearsed: RunSample[];
  try {
    runs = [await readCompared(first), await readCompared(second)];
    rehearsed = await rehearse(runs[0], { count: seeds, signal: ending.signal, onProgress: progress(seeds) });
  } catch (error) {
    if (!(error instanceof ResultsError || error instanceof ScenarioError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT_BAD_SCENARIO;
  }
  if (ending.signal.aborted) return EXIT_BY_SIGNAL.SIGINT;
  const [a, b] = runs;
  const compared = compareRuns(a.sample, b.sample, rehearsed);
  const isTrusted = a.verdict !== "unknown" && b.verdict !== "unknown";
  const outcome = isTrusted ? overall(compared) : "unknown";
  process.stdout.write(`${renderComparison(runs, compared, outcome, rehearsed.length)}\n`);
  return EXIT_STATUS[outcome];
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= SEEDS_MIN) return count;
  throw new InvalidArgumentError(`Expected a whole number from ${SEEDS_MIN}.`);
}

/** One line that is written over itself on a terminal; nothing elsewhere. */
function progress(count: number): (done: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  const line = createLogUpdate(process.stderr);
  return (done) => {
    line(`what chance does: ${done} of ${count} runs simulated`);
    if (done === count) line.clear();
  };
}
