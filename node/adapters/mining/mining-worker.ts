import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../../core/support/invariant.ts";
import { HashLoop } from "./hash-loop.ts";
import type { ToWorker, WorkerStart } from "./worker-messages.ts";

/** How far ahead a thread hashes, ms. It tells what it tried as often: short against the second over which a rate is measured. */
const AHEAD_MS = 20;

/** The longest that a thread hashes without looking at its messages, ms: what a change of tip may have to wait where the rate is beyond the machine. */
const BATCH_MS_MAX = 5;

/** A mining thread: a hash loop, with messages in and finds out. */
const port = parentPort;
invariant(port !== null, "the mining thread was started as a program");
// Only hash-thread.ts starts this file.
const { kernel, index, tried } = workerData as WorkerStart;

const loop = new HashLoop({
  kernel,
  index,
  aheadMs: AHEAD_MS,
  batchMsMax: BATCH_MS_MAX,
  onFound: (find) => port.postMessage(find),
  onStep: () => Atomics.store(tried, 0, BigInt(loop.hashesTried())),
});

port.on("message", (message: ToWorker) => {
  if (message.type === "rate") loop.setRate(message.hashesPerSec);
  else loop.setWork(message.work);
});
