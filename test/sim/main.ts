import { parseArgs } from "node:util";
import { compareAnnouncements } from "./compare-announcements.ts";
import { drawScenario } from "./random-scenario.ts";
import { runScenario } from "./run-scenario.ts";
import { describeFailure } from "./seed-report.ts";

const HELP = `Runs random scenarios in the simulator, one per seed, and checks that nothing is lost, broken or miscounted
under faults, that a healed network agrees, and that silent announcements change nothing. Each seed runs a second time with
disks that lose and tear the write in which a process dies, and that rot.

  npm run test:sim -- [--seeds COUNT] [--from SEED] [--seed SEED]

  --seeds COUNT   how many seeds (default 100)
  --from SEED     the first of them (default 1)
  --seed SEED     only this one

Exit status: 0 nothing found, 1 a seed failed, 3 bad arguments.`;

interface Arguments {
  readonly from: number;
  readonly count: number;
}

function readArguments(): Arguments | string {
  let values: { seeds?: string; from?: string; seed?: string; help?: boolean };
  try {
    const options = {
      seeds: { type: "string" },
      from: { type: "string" },
      seed: { type: "string" },
      help: { type: "boolean" },
    } as const;
    ({ values } = parseArgs({ options }));
  } catch (error) {
    return `${error instanceof Error ? error.message : error}\n\n${HELP}`;
  }
  if (values.help === true) return HELP;
  const from = Number(values.seed ?? values.from ?? 1);
  const count = values.seed === undefined ? Number(values.seeds ?? 100) : 1;
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  return isCount(from) && isCount(count) ? { from, count } : `Seeds and counts are whole numbers.\n\n${HELP}`;
}

function run({ from, count }: Arguments): number {
  let failed = 0;
  let blockCount = 0;
  const startedMs = performance.now();
  for (let seed = from; seed < from + count; seed++) {
    const scenario = drawScenario(seed);
    const ran = runScenario(scenario);
    const onBadDisks = runScenario(scenario, { diskFaults: true });
    const difference = compareAnnouncements(scenario, scenario.steps);
    const findings = [
      ...ran.findings,
      ...onBadDisks.findings.map((finding) => `on bad disks: ${finding}`),
      ...(difference === null ? [] : [difference]),
    ];
    blockCount += ran.blockCount + onBadDisks.blockCount;
    if (findings.length > 0) {
      failed++;
      say(process.stdout, `${describeFailure(seed, findings)}\n`);
    }
    progress(seed - from + 1, count, failed);
  }
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  if (process.stderr.isTTY) say(process.stderr, "\n");
  say(process.stdout, `${count} seeds from ${from}: ${failed} failed, ${blockCount} blocks, ${seconds} s\n`);
  return failed === 0 ? 0 : 1;
}

/** One line that is written over in a terminal; in a log one line for each tenth. */
function progress(done: number, count: number, failed: number): void {
  const line = `${done}/${count} seeds, ${failed} failed`;
  if (process.stderr.isTTY) say(process.stderr, `\r${line}`);
  else if (count >= 10 && done % Math.ceil(count / 10) === 0) say(process.stderr, `${line}\n`);
}

function say(stream: NodeJS.WriteStream, text: string): void {
  stream.write(text);
}

const given = readArguments();
if (typeof given === "string") {
  say(process.stderr, `${given}\n`);
  process.exitCode = given === HELP ? 0 : 3;
} else {
  process.exitCode = run(given);
}
