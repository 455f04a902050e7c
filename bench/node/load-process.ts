import { createInterface } from "node:readline";
import { type Dispatcher, Pool } from "undici";
import { ACCOUNT_COUNT, PER_ACCOUNT, signedTransfers } from "./load-accounts.ts";

/**
 * Puts load on a node, in a process of its own, so that it does not share a thread with what it measures. Reads tasks, a line of JSON each, and answers
 * each with a line. Transactions are signed before their time is taken.
 */
export type LoadTask =
  | {
      readonly kind: "transactions";
      readonly url: string;
      readonly genesis: string;
      readonly connections: number;
    }
  | {
      readonly kind: "read";
      readonly url: string;
      readonly path: string;
      readonly seconds: number;
      readonly connections: number;
      readonly headers: Readonly<Record<string, string>>;
    };

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line) as LoadTask;
  const answer = task.kind === "transactions" ? await submitAll(task) : await readFor(task);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

/** As many as a mempool takes; `perSec` counts those that were accepted. */
async function submitAll({ url, genesis, connections }: LoadTask & { kind: "transactions" }) {
  const bodies = signedTransfers(ACCOUNT_COUNT * PER_ACCOUNT, genesis);
  const pool = new Pool(url, { connections, pipelining: 1 });
  const headers = { "content-type": "application/json" };
  let next = 0;
  let accepted = 0;
  const worker = async () => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const answer = await ask(pool, { method: "POST", path: "/transactions", headers, body });
      if (answer.status === 202) accepted += 1;
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - startMs) / 1_000;
  await pool.close();
  return { perSec: accepted / seconds, refused: bodies.length - accepted };
}

async function readFor({ url, path, seconds, connections, headers }: LoadTask & { kind: "read" }) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  let count = 0;
  let bytes = 0;
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  const worker = async () => {
    while (performance.now() < endMs) {
      const answer = await ask(pool, { method: "GET", path, headers });
      if (answer.status >= 400) throw new Error(`${path} answered ${answer.status}`);
      bytes += answer.bytes;
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const tookSec = (performance.now() - startMs) / 1_000;
  await pool.close();
  return { perSec: count / tookSec, count, bytesEach: bytes / Math.max(1, count) };
}

/** Takes the whole answer and keeps nothing of it: what the client takes of the two cores is not the node's. */
function ask(pool: Pool, request: Dispatcher.DispatchOptions): Promise<{ status: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let bytes = 0;
    pool.dispatch(request, {
      onRequestStart: () => {
        // Nothing to keep, but undici takes no handler without it.
      },
      onResponseStart: (_controller, statusCode) => {
        status = statusCode;
      },
      onResponseData: (_controller, chunk) => {
        bytes += chunk.length;
      },
      onResponseEnd: () => resolve({ status, bytes }),
      onResponseError: (_controller, error) => reject(error),
    });
  });
}
