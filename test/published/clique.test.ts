import { expect, test } from "vitest";
import { NodeCrypto } from "../../node/adapters/node-crypto.ts";
import { compactFromDifficulty } from "../../node/core/chain/target.ts";
import { MICROS_PER_SEC } from "../../node/core/support/micros.ts";
import { Prng } from "../../node/core/support/prng.ts";
import { FORGETFUL_STORE } from "../../runner/backends/sim/sim-store.ts";
import { Simulation } from "../../runner/backends/sim/simulation.ts";
import { buildTopology } from "../../runner/topology/build-topology.ts";

/**
 * Ten miners in a full mesh, powers 1 to 10, one uniform delay of 0.5 to 1.5 s for each block and receiver. `published`:
 * share of orphans among 10,000 blocks, T the block interval (CPR, honest network).
 */
const ROWS = [
  { intervalSec: 600, published: 0.0013 },
  { intervalSec: 300, published: 0.0028 },
  { intervalSec: 120, published: 0.0074 },
  { intervalSec: 60, published: 0.0141 },
  { intervalSec: 30, published: 0.0273 },
];
const BLOCK_COUNT = 10_000;
const POWERS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const MEAN_DELAY_SEC = 1;
const SEED = "clique";

test.each(ROWS)(
  "at a block every $intervalSec s the share of orphans is the published one",
  ({ intervalSec, published }) => {
    const measured = orphanRatio(intervalSec);
    expect(Math.abs(measured - closedForm(intervalSec))).toBeLessThan(
      2 * standardError(closedForm(intervalSec)),
    );
    expect(Math.abs(measured - published)).toBeLessThan(2 * standardError(published));
  },
);

/** Nobody forks with itself: 1 - exp(-(1 - sum of squared shares) E[D] / T). */
function closedForm(intervalSec: number): number {
  const total = POWERS.reduce((sum, power) => sum + power, 0);
  const squares = POWERS.reduce((sum, power) => sum + (power / total) ** 2, 0);
  return 1 - Math.exp((-(1 - squares) * MEAN_DELAY_SEC) / intervalSec);
}

function standardError(ratio: number): number {
  return Math.sqrt((ratio * (1 - ratio)) / BLOCK_COUNT);
}

function orphanRatio(intervalSec: number): number {
  let mined = 0;
  const simulation = makeClique(intervalSec, () => {
    mined++;
  });
  sendOwnBlocksOnly(simulation);
  while (mined < BLOCK_COUNT) simulation.runSome(Number.MAX_SAFE_INTEGER, 1);
  const height = Math.max(...simulation.hosts.map(({ machine }) => machine.tip.header.height));
  return (mined - height) / mined;
}

/** The published network sends a block from its miner to everyone and no further: a neighbour's copy would overtake slow ones. */
function sendOwnBlocksOnly({ transport, hosts }: Simulation): void {
  const sendToMany = transport.sendToMany.bind(transport);
  transport.sendToMany = (view, firstLink, linkBits, message) => {
    if (message.kind !== "block" || message.block.header.miner === hosts[view]?.minerAccount)
      sendToMany(view, firstLink, linkBits, message);
  };
}

function makeClique(intervalSec: number, onMined: () => void): Simulation {
  const difficultyBits = 40;
  const total = POWERS.reduce((sum, power) => sum + power, 0);
  const nodes = POWERS.map((power, index) => ({
    index,
    name: `node-${index}`,
    hashesPerSec: (2 ** difficultyBits / intervalSec) * (power / total),
  }));
  const latency = { kind: "uniform", minUs: 0.5 * MICROS_PER_SEC, maxUs: 1.5 * MICROS_PER_SEC } as const;
  const edges = buildTopology({ kind: "full-mesh" }, nodes.length, latency, new Prng(SEED));
  return new Simulation(
    { seed: SEED, nodes, edges, uplinkBitsPerSec: null, lossRatio: 0, blockPaddingBytes: 0, relay: "push" },
    {
      chain: {
        name: "clique",
        seal: "drawn",
        initialCompactTarget: compactFromDifficulty(difficultyBits),
        difficultyRule: { kind: "fixed" },
        genesisTimeMs: 0,
        allocations: [],
        blockReward: 1n,
        blockBytesMax: 10_000,
        futureLimitMs: 7_200_000,
      },
      functions: new NodeCrypto(),
      telemetry: {
        blockMined: onMined,
        blockReceived: () => undefined,
        blockRefused: () => undefined,
        tipChanged: () => undefined,
        noticed: () => undefined,
        transactionSubmitted: () => undefined,
      },
      store: FORGETFUL_STORE,
      minerAccounts: nodes.map(({ index }) => index.toString(16).padStart(64, "0")),
      mempoolBytesMax: 1_000,
    },
  );
}
