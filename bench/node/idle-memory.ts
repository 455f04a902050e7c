import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchLine } from "./bench-line.ts";
import { startNode, startProcess } from "./started-node.ts";

/** Resident memory of a node that mines nothing and knows nobody. */
export const idleMemory: BenchLine = {
  name: "idle",
  unit: "MB resident",
  aim: 90,
  least: 90,
  isMoreBetter: false,
  plain: "Node.js doing nothing",
  async prepare() {
    const folder = mkdtempSync(join(tmpdir(), "forklab-bench-"));
    // The first start fills the cache of compiled code.
    await startNode(["--dir", folder]);
    return {
      measure: async () => ({
        ours: (await startNode(["--dir", folder])).residentMb,
        plain: (await startProcess("bare-runtime.js")).residentMb,
      }),
      close: async () => rmSync(folder, { recursive: true }),
    };
  },
};
