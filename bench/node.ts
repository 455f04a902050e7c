import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { NodeCrypto, signerFromSeed } from "../node/adapters/node-crypto.ts";
import { median } from "./median.ts";
import { acceptedTransactions } from "./node/accepted-transactions.ts";
import { boardReads, playerReads } from "./node/app-reads.ts";
import type { BenchLine, BenchPair } from "./node/bench-line.ts";
import { chainReads, compressedChainReads } from "./node/chain-reads.ts";
import { idleMemory } from "./node/idle-memory.ts";
import { longChainStart } from "./node/long-chain-start.ts";
import { sync, syncLag } from "./node/sync-lines.ts";

/**
 * What one real node does, each figure in turn with the plain way to do the same, medians of several runs. Wants a machine that does nothing else, and
 * says how busy it was. Usage: npm run bench:node -- [--runs 5] [--only NAME]
 */
const LINES: readonly BenchLine[] = [
  acceptedTransactions,
  chainReads,
  compressedChainReads,
  boardReads,
  playerReads,
  idleMemory,
  longChainStart,
  sync,
  syncLag,
];

// As in a node (node/main.ts), for signatures that the bench verifies beside it.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism());

const YARDSTICK_ROUNDS = 3_000;

const { values } = parseArgs({
  options: { runs: { type: "string", default: "5" }, only: { type: "string" } },
});
const lines = LINES.filter(({ name }) => values.only === undefined || name === values.only);
if (lines.length === 0)
  throw new Error(`no line ${values.only}; there are ${LINES.map(({ name }) => name).join(", ")}`);

console.log(
  `# ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, yardstick: a signature takes ${verifyUs().toFixed(0)} us (110 on a quiet machine of this kind)`,
);
for (const line of lines) {
  const prepared = await line.prepare();
  const pairs: BenchPair[] = [];
  try {
    for (let run = 0; run < Number(values.runs); run += 1) pairs.push(await prepared.measure());
  } finally {
    await prepared.close();
  }
  console.log(resultOf(line, pairs));
}

function resultOf(
  { name, unit, aim, least, isMoreBetter, plain }: BenchLine,
  pairs: readonly BenchPair[],
): string {
  const ours = median(pairs.map((pair) => pair.ours));
  const ratio = median(pairs.map((pair) => pair.ours / pair.plain));
  const reaches = (bound: number) => (isMoreBetter ? ours >= bound : ours <= bound);
  const word = reaches(aim) ? "aim reached" : reaches(least) ? "least reached" : "MISSED";
  const spread = pairs.map((pair) => Math.round(pair.ours)).join(" ");
  const costs = (word: string, key: "cpuUsEach" | "loadCpuUsEach") => {
    const told = pairs.flatMap((pair) => pair[key] ?? []);
    return told.length === 0 ? [] : [`${word}=${median(told).toFixed(0)} us each`];
  };
  const plainMedian = Math.round(median(pairs.map((pair) => pair.plain)));
  return [
    `${name}=${Math.round(ours)} ${unit} (aim ${aim}, least ${least}: ${word})`,
    `plain=${plainMedian} (${plain})`,
    `ratio=${ratio.toFixed(2)}`,
    `runs: ${spread}`,
    ...costs("node_cpu", "cpuUsEach"),
    ...costs("load_cpu", "loadCpuUsEach"),
  ].join("  ");
}

/** Processor time of checking a signature with a kept key, us: most of what a transaction costs, and what a busy machine makes slower. */
function verifyUs(): number {
  const signer = signerFromSeed("yardstick");
  const crypto = new NodeCrypto();
  const message = new Uint8Array(149);
  const signature = signer.sign(message);
  const started = process.cpuUsage();
  for (let round = 0; round < YARDSTICK_ROUNDS; round += 1)
    crypto.verify(signer.publicKey, message, signature);
  const { user, system } = process.cpuUsage(started);
  return (user + system) / YARDSTICK_ROUNDS;
}
