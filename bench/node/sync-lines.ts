import type { BenchLine } from "./bench-line.ts";
import { catchUp } from "./sync.ts";

const NOTHING_TO_CLOSE = async () => {
  // Each measure makes its own chain and nodes, because a node catches up once.
};

/** A catch-up with 1,000 blocks of 10 signed transactions, as a share of what their signatures alone take. */
export const sync: BenchLine = {
  name: "sync",
  unit: "% of what signatures alone allow",
  aim: 90,
  least: 60,
  isMoreBetter: true,
  plain: "signatures alone, on all cores",
  async prepare() {
    return {
      measure: async () => {
        const done = await catchUp({ blocks: 1_000, transactionsPerBlock: 10, readers: 0 });
        const ours = (100 * done.signaturesPerSec) / done.signaturesAlonePerSec;
        return { ours, plain: 100, cpuUsEach: (1e6 * done.cpuSec) / 10_000, loadCpuUsEach: null };
      },
      close: NOTHING_TO_CLOSE,
    };
  },
};

/** The event loop of a node that is 10,000 blocks behind and has four readers meanwhile, 50 requests a second each, ms of lag. */
export const syncLag: BenchLine = {
  name: "sync-lag",
  unit: "ms of event-loop lag, p99",
  aim: 100,
  least: 100,
  isMoreBetter: false,
  plain: "that of the peer that serves it",
  async prepare() {
    return {
      measure: async () => {
        const done = await catchUp({ blocks: 10_000, transactionsPerBlock: 2, readers: 4 });
        return { ours: done.lagMsP99, plain: done.peerLagMsP99 };
      },
      close: NOTHING_TO_CLOSE,
    };
  },
};
