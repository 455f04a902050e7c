import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
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

/** Of a node that caught up. */
export interface CatchUp {
  readonly seconds: number;
  /** Of the transactions in the blocks that it fetched. */
  readonly signaturesPerSec: number;
  /** What signatures alone allow on all cores, measured just before. */
  readonly signaturesAlonePerSec: number;
  readonly cpuSec: number;
  readonly peerCpuSec: number;
  /** Of the node's event loop, of every 20 ms of the catch-up. */
  readonly lagMsP99: number;
  /** Of a node with little to do: what the machine does to both. */
  readonly peerLagMsP99: number;
  readonly requestsServed: number;
  readonly slowestRequestMs: number;
}

/** How fast a node catches up with a peer, both real and on this machine. Two nodes and the bench share the cores. */
export async function catchUp(settings: SyncSettings): Promise<CatchUp> {
  const root = await mkdtemp(join(tmpdir(), "forklab-bench-sync-"));
  const nodes: BenchNode[] = [];
  try {
    const { blocks, transactionsPerBlock } = settings;
    const chain = makeLongChain(root, blocks, transactionsPerBlock);
    for (const [name, dir] of [
      ["full", chain.dir],
      ["empty", join(root, "empty")],
    ] as const)
      nodes.push(
        await startNode(["--name", name, "--dir", dir, "--chain", chain.chainFile, "--mine", "off"]),
      );
    await new Promise((resolve) => setTimeout(resolve, SETTLED_AFTER_MS));
    return await measure(nodes as [BenchNode, BenchNode], chain.tipHash, settings);
  } finally {
    await Promise.all(nodes.map(({ child }) => child.end()));
    await rm(root, { recursive: true });
  }
}

async function measure(
  [full, empty]: readonly [BenchNode, BenchNode],
  tipHash: string,
  { blocks, transactionsPerBlock, readers }: SyncSettings,
): Promise<CatchUp> {
  const signatures = blocks * transactionsPerBlock;
  const events = new NodeEvents(empty.url);
  const peerEvents = new NodeEvents(full.url);
  // The first requests of a process cost it a tenth of a second, and this one shares the cores.
  for (const node of [empty, full, empty, full]) await cpuSec(node);
  const signaturesAlonePerSec = await signaturesPerSec(Math.min(10_000, Math.max(2_000, signatures)));
  const requests = { count: 0, slowestMs: 0, done: false };
  const reading = Array.from({ length: readers }, () => read(empty.url, requests));
  const cpuBefore = [await cpuSec(empty), await cpuSec(full)] as const;
  const startedMs = performance.now();
  await post(`${empty.url}/peers`, { url: full.url });
  await events.tip(tipHash);
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpuAfter = [await cpuSec(empty), await cpuSec(full)] as const;
  requests.done = true;
  await Promise.all(reading);
  const [lagMsP99, peerLagMsP99] = await Promise.all([events.lagMsP99(), peerEvents.lagMsP99()]);
  return {
    seconds,
    signaturesPerSec: signatures / seconds,
    signaturesAlonePerSec,
    cpuSec: cpuAfter[0] - cpuBefore[0],
    peerCpuSec: cpuAfter[1] - cpuBefore[1],
    lagMsP99,
    peerLagMsP99,
    requestsServed: requests.count,
    slowestRequestMs: requests.slowestMs,
  };
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
    this.#listen(url);
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

  /** By node:http: what reads for the bench is to take little of the cores that the nodes share with it. */
  #listen(url: string): void {
    const fail = (error: Error) => {
      if (!this.#stop.signal.aborted) throw error;
    };
    const request = get(`${url}/events`, { signal: this.#stop.signal }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("error", fail);
      answer.on("data", (chunk: string) => {
        const lines = (text + chunk).split("\n");
        text = lines.pop() ?? "";
        for (const line of lines) if (line.startsWith("data:")) this.#take(line.slice("data:".length));
      });
    });
    request.on("error", fail);
  }
}

async function post(url: string, body: unknown): Promise<void> {
  const headers = { "content-type": "application/json" };
  await (await fetch(url, { method: "POST", body: JSON.stringify(body), headers })).arrayBuffer();
}
