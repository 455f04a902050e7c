import { parseArgs } from "node:util";
import { killRounds } from "./kill-rounds.ts";

const HELP = `Kills real nodes (SIGKILL) at random moments under load, and checks that they start again with every block they told of,
and every transaction in it.

  npm run test:crash -- [--times COUNT] [--seed TEXT]

  --times COUNT   how many processes to kill, at least (default 20)
  --seed TEXT     of the moments (default: the time)

Exit status: 0 nothing was lost, 1 something was, 3 bad arguments.`;

const options = {
  times: { type: "string", default: "20" },
  seed: { type: "string", default: new Date().toISOString() },
} as const;

function readArguments(): { times: number; seed: string } | string {
  try {
    const { values } = parseArgs({ options });
    const times = Number(values.times);
    return Number.isSafeInteger(times) && times > 0
      ? { times, seed: values.seed }
      : `--times is a count.\n\n${HELP}`;
  } catch (error) {
    return `${error instanceof Error ? error.message : error}\n\n${HELP}`;
  }
}

const given = readArguments();
if (typeof given === "string") {
  process.stderr.write(`${given}\n`);
  process.exitCode = 3;
} else {
  const { times, seed } = given;
  const startedMs = performance.now();
  const ran = await killRounds(times, seed, (killed) => process.stderr.write(`${killed}/${times} killed\n`));
  for (const finding of ran.findings) console.log(finding);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
  console.log(
    `${ran.killCount} kills with seed ${seed}: ${ran.findings.length} findings, ${ran.toldBlocks} blocks and ` +
      `${ran.toldTransactions} transactions told of, ${seconds} s`,
  );
  process.exitCode = ran.findings.length === 0 ? 0 : 1;
}
