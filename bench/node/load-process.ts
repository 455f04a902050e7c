import { createInterface } from "node:readline";
import { ACCOUNT_COUNT, PER_ACCOUNT, signedTransfers } from "./load-accounts.ts";
import { exchangeOver, requestBytes } from "./socket-client.ts";

/**
 * Puts load on a node, in a process of its own, so that it does not share a thread with what it measures. Reads tasks, a line of JSON each, and answers
 * each with a line. Transactions are signed, and requests written, before their time is taken.
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

export interface LoadAnswer {
  readonly perSec: number;
  readonly count: number;
  readonly bytesEach: number;
  /** Of this process. */
  readonly cpuUsEach: number;
}

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line) as LoadTask;
  const answer = task.kind === "transactions" ? await submitAll(task) : await readFor(task);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

/** As many as a mempool takes; fails if one is refused. */
function submitAll({ url, genesis, connections }: LoadTask & { kind: "transactions" }): Promise<LoadAnswer> {
  const headers = { "content-type": "application/json" };
  const requests = signedTransfers(ACCOUNT_COUNT * PER_ACCOUNT, genesis).map((body) =>
    requestBytes(url, "POST", "/transactions", headers, body),
  );
  let at = 0;
  return measured(connections, () => exchangeOver(url, 202, () => requests[at++] ?? null));
}

function readFor({
  url,
  path,
  seconds,
  connections,
  headers,
}: LoadTask & { kind: "read" }): Promise<LoadAnswer> {
  const request = requestBytes(url, "GET", path, headers);
  const endMs = performance.now() + seconds * 1_000;
  return measured(connections, () =>
    exchangeOver(url, 200, () => (performance.now() < endMs ? request : null)),
  );
}

async function measured(
  connections: number,
  run: () => ReturnType<typeof exchangeOver>,
): Promise<LoadAnswer> {
  const startMs = performance.now();
  const started = process.cpuUsage();
  const totals = await Promise.all(Array.from({ length: connections }, run));
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(started);
  const count = totals.reduce((sum, each) => sum + each.count, 0);
  const bytes = totals.reduce((sum, each) => sum + each.bytes, 0);
  return { perSec: count / seconds, count, bytesEach: bytes / count, cpuUsEach: (user + system) / count };
}
