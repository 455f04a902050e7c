import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeLongChain } from "../long-chain.ts";
import type { BenchLine } from "./bench-line.ts";
import { startNode } from "./started-node.ts";

const BLOCKS = 100_000;
const TRANSFERS_PER_BLOCK = 4;

/** From the command to listening, on a chain of 100,000 blocks of 1 kB, ms. */
export const longChainStart: BenchLine = {
  name: "start",
  unit: "ms",
  aim: 5_000,
  least: 5_000,
  isMoreBetter: false,
  plain: "no ledger kept: all blocks applied again from genesis",
  async prepare() {
    const root = mkdtempSync(join(tmpdir(), "forklab-bench-"));
    const { dir, chainFile } = makeLongChain(root, BLOCKS, TRANSFERS_PER_BLOCK);
    const start = async () => 1_000 * (await startNode(["--dir", dir, "--chain", chainFile])).startSec;
    await start();
    return {
      measure: async () => {
        const ours = await start();
        // The start from genesis keeps new ones while it applies the chain.
        forgetLedgers(dir);
        return { ours, plain: await start() };
      },
      close: async () => rmSync(root, { recursive: true }),
    };
  },
};

function forgetLedgers(dir: string): void {
  const database = new DatabaseSync(join(dir, "chain.db"));
  database.exec("DELETE FROM ledgers");
  database.close();
}
