import { NodeCrypto } from "../node/adapters/node-crypto.ts";
import { compactFromDifficulty } from "../node/core/chain/target.ts";
import type { Telemetry } from "../node/ports/telemetry.ts";
import { FORGETFUL_STORE } from "../runner/backends/sim/sim-store.ts";
import { Simulation } from "../runner/backends/sim/simulation.ts";
import {
  BENCH_SEED,
  BLOCK_BYTES,
  BLOCK_INTERVAL_US,
  benchEdges,
  UPLINK_BITS_PER_SEC,
} from "./sim-network.ts";

/**
 * One run of the simulator, the real host and core, on the network that the bench compares with: every node opens 8 links,
 * regional latencies with jitter, 500 kB blocks over 20 Mbit/s uplinks, a block every 600 s, no transactions.
 * Usage: node bench/sim-run.ts NODES BLOCKS
 */
const nodeCount = Number(process.argv[2] ?? 600);
const blockCount = Number(process.argv[3] ?? 100);
/** Any will do: only the ratio to the hash rate counts. */
const DIFFICULTY_BITS = 40;

const hashesPerSec = (2 ** DIFFICULTY_BITS / BLOCK_INTERVAL_US / nodeCount) * 1_000_000;
const nodes = Array.from({ length: nodeCount }, (_, index) => ({
  index,
  name: `node-${index}`,
  hashesPerSec,
}));
const edges = benchEdges(nodeCount);

let mined = 0;
let received = 0;
let reorganisations = 0;
const counting: Telemetry = {
  blockMined: () => {
    mined++;
  },
  blockReceived: () => {
    received++;
  },
  blockRefused: (_view, hash, violation) => {
    throw new Error(`block ${hash} refused: ${violation.code}`);
  },
  noticed: () => undefined,
  tipChanged: (_view, _tip, _previous, change) => {
    if (change.disconnected.length > 0) reorganisations++;
  },
  transactionSubmitted: () => undefined,
};

const started = process.hrtime.bigint();
const simulation = new Simulation(
  {
    seed: BENCH_SEED,
    nodes,
    edges,
    uplinkBitsPerSec: UPLINK_BITS_PER_SEC,
    lossRatio: 0,
    blockPaddingBytes: BLOCK_BYTES,
    relay: "announce",
  },
  {
    chain: {
      name: "bench",
      seal: "drawn",
      initialCompactTarget: compactFromDifficulty(DIFFICULTY_BITS),
      difficultyRule: { kind: "fixed" },
      genesisTimeMs: 0,
      allocations: [],
      blockReward: 50n,
      blockBytesMax: 1_000_000,
      futureLimitMs: 7_200_000,
    },
    functions: new NodeCrypto(),
    telemetry: counting,
    store: FORGETFUL_STORE,
    // Nobody spends what these accounts earn, so they need no key.
    minerAccounts: nodes.map(({ index }) => index.toString(16).padStart(64, "0")),
    mempoolBytesMax: 1_000_000,
  },
);
const ready = process.hrtime.bigint();
while (mined < blockCount) simulation.runSome(Number.MAX_SAFE_INTEGER, 10_000);
// Until the last block has reached everyone: its wave is over long before this.
simulation.runUntil(simulation.nowUs + 60_000_000);
const ended = process.hrtime.bigint();

const wallSec = Number(ended - ready) / 1e9;
const sentMessages = simulation.transport.sentMessages.reduce((sum, count) => sum + count, 0);
console.log(
  [
    `nodes=${nodeCount}`,
    `blocks=${mined}`,
    `setup_s=${(Number(ready - started) / 1e9).toFixed(2)}`,
    `wall_s=${wallSec.toFixed(2)}`,
    `deliveries=${received}`,
    `reorganisations=${reorganisations}`,
    `messages_per_delivery=${(sentMessages / received).toFixed(1)}`,
    `events_per_delivery=${(simulation.eventCount / received).toFixed(1)}`,
    `events_per_s=${Math.round(simulation.eventCount / wallSec)}`,
    `peak_mb=${Math.round(process.resourceUsage().maxRSS / 1024)}`,
    `deliveries_per_s=${Math.round(received / wallSec)}`,
  ].join(" "),
);
