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

/** A node compiles and collects for some time after its start, ms: what a node that catches up in earnest, from another that has long been there, has behind it. */
const SETTLED_AFTER_MS = 4_000;

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
    await new Promise((resolve) => setTimeout(resolve, SETTLED_AFTER_MS));
    const ceiling = await signaturesPerSec(Math.min(10_000, Math.max(2_000, blocks * transactionsPerBlock)));
    const events = new NodeEvents(empty.url);
    // A node with little to do, to see what the machine does to both.
    const peerEvents = new NodeEvents(full.url);
    const requests = { count: 0, slowestMs: 0, done: false };
    const reading = Array.from({ length: readers }, () => read(empty.url, requests));
    const cpuBefore = await Promise.all(nodes.map(cpuSec));
    const startedMs = performance.now();
    await post(`${empty.url}/peers`, { url: full.url });
    await events.tip(chain.tipHash);
    const seconds = (performance.now() - startedMs) / 1_000;
    const cpuAfter = await Promise.all(nodes.map(cpuSec));
    const [fullCpuSec, emptyCpuSec] = cpuAfter.map((after, node) => after - (cpuBefore[node] ?? 0));
    requests.done = true;
    await Promise.all(reading);
    const [lagMsP99, peerLagMsP99] = await Promise.all([events.lagMsP99(), peerEvents.lagMsP99()]);
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

/** What a node tells: its tip, and the lags of its event loop with its samples. Costs it less than being asked again and again. */
class NodeEvents {
  readonly #lagCounts = new Map<number, number>();
  readonly #stop = new AbortController();
  #tip = "";
  #onTip: () => void = () => {
    // Nobody waits yet.
  };

  constructor(url: string) {
    void this.#listen(url);
  }

  /** Resolves when the node's tip is this block. */
  async tip(hash: string): Promise<void> {
    while (this.#tip !== hash)
      await new Promise<void>((resolve) => {
        this.#onTip = resolve;
      });
  }

  /** Of all since the start, after the sample that holds the last of them. */
  async lagMsP99(): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    this.#stop.abort();
    const ascending = [...this.#lagCounts].sort(([a], [b]) => a - b);
    let left = 0.99 * ascending.reduce((sum, [, count]) => sum + count, 0);
    for (const [lagMs, count] of ascending) {
      left -= count;
      if (left <= 0) return lagMs;
    }
    return Number.NaN;
  }

  #take(event: string): void {
    if (event.includes('"tip-changed"')) {
      this.#tip = JSON.parse(event).hash;
      this.#onTip();
    } else if (event.includes("eventLoopLagCounts"))
      for (const [lagMs, count] of JSON.parse(event).eventLoopLagCounts)
        this.#lagCounts.set(lagMs, (this.#lagCounts.get(lagMs) ?? 0) + count);
  }

  async #listen(url: string): Promise<void> {
    try {
      const { body } = await fetch(`${url}/events`, { signal: this.#stop.signal });
      let text = "";
      for await (const chunk of body ?? []) {
        text += Buffer.from(chunk).toString("utf8");
        const lines = text.split("\n");
        text = lines.pop() ?? "";
        for (const line of lines) if (line.startsWith("data:")) this.#take(line.slice("data:".length));
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }
}

async function post(url: string, body: unknown): Promise<void> {
  const headers = { "content-type": "application/json" };
  await (await fetch(url, { method: "POST", body: JSON.stringify(body), headers })).arrayBuffer();
}
