import { Pool } from "undici";
import type { BenchLine } from "./bench-line.ts";
import { Child, startBenchNode, usEach } from "./child.ts";
import { loadChain, signedTransfers } from "./load-accounts.ts";

const BLOCKS = 100;
const TRANSACTIONS_EACH = 10;
const SECONDS = 4;
const CONNECTIONS = 8;

/** What a line reads, over and over. */
export interface ReadKind {
  readonly name: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly aim: number;
  readonly least: number;
  /** Fills a node's chain, and gives what the plain server answers with. */
  readonly fill: (url: string, genesis: string) => Promise<unknown>;
}

const ofChain = { path: "/chain", aim: 4_000, least: 1_500, fill: fillChain };

/** `GET /chain` of 100 blocks with 10 transfers each, whole, every time. */
export const chainReads: BenchLine = readLine({ name: "chain", headers: {}, ...ofChain });

/** The same by readers who take it compressed: half of the bytes. */
export const compressedChainReads: BenchLine = readLine({
  name: "chain-gzip",
  headers: { "accept-encoding": "gzip" },
  ...ofChain,
});

/** What fills the chain pays no fees, and as much of it as it can send is wanted here. */
const FILL_FAST = ["--free-relay", "1000MB/s"];

export function readLine({ name, path, headers, aim, least, fill }: ReadKind): BenchLine {
  return {
    name,
    unit: "requests/s",
    aim,
    least,
    isMoreBetter: true,
    plain: "bare node:http, JSON.stringify of the array for each",
    async prepare() {
      const node = await startBenchNode(loadChain(), ["--mine", "demand", ...FILL_FAST]);
      const chain = await fill(node.url, node.genesis);
      const server = new Child("plain-server.ts", [node.genesis]);
      const { url } = await server.line();
      server.tell(chain);
      await server.line();
      const load = new Child("load-process.ts");
      const perSec = async (target: string) => {
        load.tell({
          kind: "read",
          url: target,
          path,
          seconds: SECONDS,
          connections: CONNECTIONS,
          headers,
        });
        const { perSec: rate, count, cpuUsEach } = await load.line();
        return { rate: Number(rate), count: Number(count), loadCpuUsEach: Number(cpuUsEach) };
      };
      return {
        measure: async () => {
          const startSec = node.child.cpuSec;
          const { rate, count, loadCpuUsEach } = await perSec(node.url);
          const cpuUsEach = usEach(startSec, node.child.cpuSec, count);
          return { ours: rate, plain: (await perSec(String(url))).rate, cpuUsEach, loadCpuUsEach };
        },
        close: async () => {
          await Promise.all([node.close(), server.end(), load.end()]);
        },
      };
    },
  };
}

/** Mines the blocks, and gives them as the node tells of them. */
async function fillChain(url: string, genesis: string): Promise<unknown> {
  const pool = new Pool(url, { connections: 4 });
  const bodies = signedTransfers(BLOCKS * TRANSACTIONS_EACH, genesis);
  const headers = { "content-type": "application/json" };
  for (let block = 0; block < BLOCKS; block += 1) {
    for (const body of bodies.slice(block * TRANSACTIONS_EACH, (block + 1) * TRANSACTIONS_EACH)) {
      const answer = await pool.request({ method: "POST", path: "/transactions", headers, body });
      if (answer.statusCode !== 202)
        throw new Error(`a transaction was refused: ${await answer.body.text()}`);
      await answer.body.dump();
    }
    await (await pool.request({ method: "POST", path: "/mine", headers, body: "{}" })).body.dump();
  }
  const page = await pool.request({ method: "GET", path: "/chain" });
  const { blocks } = (await page.body.json()) as { blocks: { transactions: unknown[] }[] };
  await pool.close();
  const counts = blocks.map(({ transactions }) => transactions.length - 1);
  if (blocks.length !== BLOCKS || counts.some((count) => count !== TRANSACTIONS_EACH))
    throw new Error(`the chain has ${blocks.length} blocks of ${counts.join(", ")} transactions`);
  return blocks;
}
