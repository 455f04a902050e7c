import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeCrypto, signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { makeLongChain } from "../long-chain.ts";
import { Child } from "./child.ts";

export interface SyncSettings {
  readonly blocks: number;
  readonly transactionsPerBlock: number;
  /** Readers that ask the node for its state and its chain all the while, one request after the other each. */
  readonly readers: number;
}

/** How often the bench looks how far the node is, ms. */
const LOOK_MS = 20;

/**
 * How fast a node catches up with a peer, both real and on this machine: one line. `share_of_signatures` is its rate against what the signatures
 * alone allow on all cores, measured just before; the lag is that of the node's event loop, of every 20 ms of the catch-up. Two nodes and the
 * bench share the cores.
 */
export async function syncLine({ blocks, transactionsPerBlock, readers }: SyncSettings): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "forklab-bench-sync-"));
  const nodes: BenchNode[] = [];
  try {
    const chain = makeLongChain(root, blocks, transactionsPerBlock);
    const start = async (name: string, dir: string) => {
      const node = await startNode([
        "--name",
        name,
        "--dir",
        dir,
        "--chain",
        chain.chainFile,
        "--mine",
        "off",
      ]);
      nodes.push(node);
      return node;
    };
    const full = await start("full", chain.dir);
    const empty = await start("empty", join(root, "empty"));
    const ceiling = await signaturesPerSec(Math.min(10_000, Math.max(2_000, blocks * transactionsPerBlock)));
    const lags = new Lags(empty.url);
    // A node with little to do, to see what the machine does to both.
    const peerLags = new Lags(full.url);
    const requests = { count: 0, slowestMs: 0, done: false };
    const reading = Array.from({ length: readers }, () => read(empty.url, requests));
    const cpuBefore = await Promise.all(nodes.map(cpuSec));
    const startedMs = performance.now();
    await post(`${empty.url}/peers`, { url: full.url });
    while ((await status(empty.url)).tip !== chain.tipHash)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const seconds = (performance.now() - startedMs) / 1_000;
    const cpuAfter = await Promise.all(nodes.map(cpuSec));
    const [fullCpuSec, emptyCpuSec] = cpuAfter.map((after, node) => after - (cpuBefore[node] ?? 0));
    requests.done = true;
    await Promise.all(reading);
    const [lagMsP99, peerLagMsP99] = await Promise.all([lags.p99(), peerLags.p99()]);
    const signatureRate = (blocks * transactionsPerBlock) / seconds;
    return [
      `blocks=${blocks}`,
      `transactions_per_block=${transactionsPerBlock}`,
      `readers=${readers}`,
      `seconds=${seconds.toFixed(2)}`,
      `blocks_per_s=${Math.round(blocks / seconds)}`,
      `signatures_alone_per_s=${Math.round(ceiling)}`,
      `share_of_signatures=${(signatureRate / ceiling).toFixed(2)}`,
      `cpu_s=${emptyCpuSec?.toFixed(2)}`,
      `cpu_s_of_peer=${fullCpuSec?.toFixed(2)}`,
      `lag_ms_p99=${lagMsP99}`,
      `lag_ms_p99_of_peer=${peerLagMsP99}`,
      `requests_served=${requests.count}`,
      `slowest_request_ms=${Math.round(requests.slowestMs)}`,
    ].join(" ");
  } finally {
    await Promise.all(nodes.map(({ child }) => child.end()));
    await rm(root, { recursive: true });
  }
}

interface BenchNode {
  readonly child: Child;
  readonly url: string;
}

async function startNode(args: readonly string[]): Promise<BenchNode> {
  const child = new Child("../../node/launch.js", [...args, "--log-level", "warn"]);
  const { url } = await child.line();
  return { child, url: String(url) };
}

/** What a node has used of the processors: on a machine that others use as well it says more than the time that passed. */
async function cpuSec({ url }: BenchNode): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total\S* (\S+)$/m.exec(text)?.[1]);
}

/** Ed25519 verifications a second on as many threads as a node has for them. */
async function signaturesPerSec(count: number): Promise<number> {
  const crypto = new NodeCrypto();
  const signer = signerFromSeed("bench");
  const message = Buffer.alloc(150, 7);
  const signature = signer.sign(message);
  const startedMs = performance.now();
  await new Promise<void>((resolve) => {
    let left = count;
    for (let each = 0; each < count; each += 1)
      crypto.verifyLater(signer.publicKey, message, signature, () => {
        left -= 1;
        if (left === 0) resolve();
      });
  });
  return count / ((performance.now() - startedMs) / 1_000);
}

/** A reader of a node that is busy with something else. */
async function read(
  url: string,
  requests: { count: number; slowestMs: number; done: boolean },
): Promise<void> {
  while (!requests.done) {
    const startedMs = performance.now();
    await (await fetch(`${url}/${requests.count % 2 === 0 ? "chain?limit=100" : "status"}`)).arrayBuffer();
    requests.count += 1;
    requests.slowestMs = Math.max(requests.slowestMs, performance.now() - startedMs);
    // Fifty a second each: enough to notice what is slow, and no load of its own.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The event-loop lags that a node tells with its samples. */
class Lags {
  readonly #counts = new Map<number, number>();
  readonly #stop = new AbortController();

  constructor(url: string) {
    void this.#listen(url);
  }

  /** Of all since the start, after the sample that holds the last of them. */
  async p99(): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    this.#stop.abort();
    const ascending = [...this.#counts].sort(([a], [b]) => a - b);
    let left = 0.99 * ascending.reduce((sum, [, count]) => sum + count, 0);
    for (const [lagMs, count] of ascending) {
      left -= count;
      if (left <= 0) return lagMs;
    }
    return Number.NaN;
  }

  async #listen(url: string): Promise<void> {
    try {
      const { body } = await fetch(`${url}/events`, { signal: this.#stop.signal });
      let text = "";
      for await (const chunk of body ?? []) {
        text += Buffer.from(chunk).toString("utf8");
        const lines = text.split("\n");
        text = lines.pop() ?? "";
        for (const line of lines)
          if (line.startsWith("data:") && line.includes("eventLoopLagCounts"))
            for (const [lagMs, count] of JSON.parse(line.slice("data:".length)).eventLoopLagCounts)
              this.#counts.set(lagMs, (this.#counts.get(lagMs) ?? 0) + count);
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }
}

async function status(url: string): Promise<{ readonly tip: string }> {
  return (await (await fetch(`${url}/status`)).json()) as { tip: string };
}

async function post(url: string, body: unknown): Promise<void> {
  const headers = { "content-type": "application/json" };
  await (await fetch(url, { method: "POST", body: JSON.stringify(body), headers })).arrayBuffer();
}
