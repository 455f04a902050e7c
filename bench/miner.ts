import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { HasherGroup } from "../node/adapters/mining/hasher-group.ts";
import { HEADER_BYTES } from "../node/core/chain/header-bytes.ts";
import { median } from "./median.ts";

/**
 * How many nonces a node tries: its own mining threads without a limit, in turn with threads that hash each header whole with `node:crypto`, so that the
 * ratio holds though the machine's speed drifts. For one thread and for all cores: each run, then a line of medians, which ends in `mh_per_s=N`.
 * `..._per_cpu_s` counts the processor time that the threads got: what others take of the machine is not in it.
 * Usage: npm run bench:miner -- [--runs 5] [--seconds 2] [--threads 1,all]
 */
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    threads: { type: "string", default: "1,all" },
  },
});

/** No machine comes near it. */
const HASHES_PER_SEC_UNLIMITED = 1e12;

/** Until the threads are up and their code is optimised, ms. */
const WARM_UP_MS = 700;

interface Speed {
  readonly mhPerSec: number;
  readonly mhPerCpuSec: number;
}

console.log(
  `# ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}; medians of ${values.runs}, ${values.seconds} s each`,
);
const threadCounts = values.threads
  .split(",")
  .map((word) => (word === "all" ? availableParallelism() : Number(word)));
for (const threads of new Set(threadCounts)) {
  const [mining, plain]: [Speed[], Speed[]] = [[], []];
  for (let run = 1; run <= Number(values.runs); run += 1) {
    const [plainSpeed, miningSpeed] = [await measurePlain(threads), await measureMining(threads)];
    plain.push(plainSpeed);
    mining.push(miningSpeed);
    console.log(
      `#   run=${run} load_average=${loadavg()[0]?.toFixed(1)} ${line(threads, [miningSpeed], [plainSpeed])}`,
    );
  }
  console.log(line(threads, mining, plain));
}

async function measureMining(threadCount: number): Promise<Speed> {
  const group = new HasherGroup({ threadCount, onFound: fail, onFailure: fail });
  group.setRate(HASHES_PER_SEC_UNLIMITED);
  group.setWork({ id: 1, headerBytes: new Uint8Array(HEADER_BYTES).fill(1), target: 0n, sinceMs: 0 });
  const speed = await speedOf(() => group.hashesTried());
  await group.close();
  return speed;
}

async function measurePlain(threadCount: number): Promise<Speed> {
  const tried = new BigInt64Array(new SharedArrayBuffer(8));
  const file = new URL("plain-hashing.ts", import.meta.url);
  const workers = Array.from({ length: threadCount }, () =>
    new Worker(file, { workerData: { tried } }).on("error", fail),
  );
  const speed = await speedOf(() => Number(Atomics.load(tried, 0)));
  await Promise.all(workers.map((worker) => worker.terminate()));
  return speed;
}

/** This thread sleeps meanwhile, so that the process's time is that of its miners. */
async function speedOf(hashesTried: () => number): Promise<Speed> {
  await sleep(WARM_UP_MS);
  const [startMs, before, cpu] = [performance.now(), hashesTried(), process.cpuUsage()];
  await sleep(Number(values.seconds) * 1_000);
  const { user, system } = process.cpuUsage(cpu);
  const tried = hashesTried() - before;
  return {
    mhPerSec: tried / (performance.now() - startMs) / 1_000,
    mhPerCpuSec: tried / (user + system),
  };
}

function line(threads: number, mining: readonly Speed[], plain: readonly Speed[]): string {
  const of = (speeds: readonly Speed[], name: keyof Speed) => median(speeds.map((speed) => speed[name]));
  const ratio = median(
    mining.map(({ mhPerSec }, index) => mhPerSec / (plain[index]?.mhPerSec ?? Number.NaN)),
  );
  return [
    `threads=${threads}`,
    `plain_mh_per_s=${of(plain, "mhPerSec").toFixed(2)}`,
    `plain_mh_per_cpu_s=${of(plain, "mhPerCpuSec").toFixed(2)}`,
    `ratio_to_plain=${ratio.toFixed(1)}`,
    `mh_per_cpu_s=${of(mining, "mhPerCpuSec").toFixed(2)}`,
    `mh_per_s=${of(mining, "mhPerSec").toFixed(2)}`,
  ].join(" ");
}

function fail(reason: unknown): never {
  throw new Error("a thread of the bench failed, or found a hash of zeros", { cause: reason });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
