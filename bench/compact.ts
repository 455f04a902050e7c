import { parseArgs } from "node:util";
import { NodeCrypto, signerFromSeed } from "../node/adapters/node-crypto.ts";
import { compactFromDifficulty } from "../node/core/chain/target.ts";
import { signingBytes } from "../node/core/chain/transaction-bytes.ts";
import { makeTransactionFacts } from "../node/core/rules/check-transaction.ts";
import { type Message, makeCompact } from "../node/core/state/messages.ts";
import { Prng } from "../node/core/support/prng.ts";
import type { RelayMode } from "../node/core/sync/relay.ts";
import type { Telemetry } from "../node/ports/telemetry.ts";
import { FORGETFUL_STORE } from "../runner/backends/sim/sim-store.ts";
import { Simulation } from "../runner/backends/sim/simulation.ts";
import { buildTopology } from "../runner/topology/build-topology.ts";
import { median } from "./median.ts";
import { BENCH_SEED, UPLINK_BITS_PER_SEC } from "./sim-network.ts";

/**
 * What it saves to send whole, beside the short ids of a block, what the sender lacked itself: questions that blocks cost, bytes, and the
 * time that a block takes. In virtual time, so that every machine prints the same; regions as in the simulator's bench, each
 * node opens so many links `out`, and transactions come at a steady rate.
 * Usage: npm run bench:compact -- [--nodes 100] [--blocks 100] [--interval-sec 10] [--out 4] [--rate 2,5]
 */
const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "100" },
    blocks: { type: "string", default: "100" },
    "interval-sec": { type: "string", default: "10" },
    out: { type: "string", default: "4" },
    rate: { type: "string", default: "2,5" },
  },
});
const nodeCount = Number(values.nodes);
const blockCount = Number(values.blocks);
const intervalUs = Number(values["interval-sec"]) * 1_000_000;

const DIFFICULTY_BITS = 40;
const crypto = new NodeCrypto();
/** One account for each node, which hands in all of its transactions, so that they come in order. */
const signers = Array.from({ length: nodeCount }, (_, index) => signerFromSeed(`bench ${index}`));

const topology = { kind: "regions", out: Number(values.out), sigma: 0.2 } as const;
const edges = buildTopology(topology, nodeCount, { kind: "constant", delayUs: 0 }, new Prng(BENCH_SEED));

console.log(`# ${nodeCount} nodes, ${blockCount} blocks, one in ${values["interval-sec"]} s; virtual time`);
for (const rate of values.rate.split(",").map(Number)) {
  measure("announce", rate, false);
  measure("compact", rate, true);
  measure("compact", rate, false);
}

/** `isCoinbaseOnly`: as if nobody sent anything but the coinbase whole. */
function measure(relay: RelayMode, txPerSec: number, isCoinbaseOnly: boolean): void {
  const minedAtUs = new Map<string, number>();
  const delaysMs: number[] = [];
  const telemetry: Telemetry = {
    blockMined: (_view, { hash }, nowUs) => void minedAtUs.set(hash, nowUs),
    blockReceived: (_view, { hash }, nowUs) =>
      void delaysMs.push((nowUs - (minedAtUs.get(hash) ?? nowUs)) / 1_000),
    blockRefused: (_view, hash, { code }) => {
      throw new Error(`block ${hash} refused: ${code}`);
    },
    noticed: () => undefined,
    tipChanged: () => undefined,
    transactionSubmitted: (_view, { id }, violation) => {
      if (violation !== null) throw new Error(`transaction ${id} refused: ${violation.code}`);
    },
  };
  const simulation = aSimulation(relay, telemetry);
  const counted = countBlockMessages(simulation, isCoinbaseOnly);
  const draws = new Prng(BENCH_SEED).stream("bench load");
  const sequences = new Array<number>(nodeCount).fill(0);
  for (let atUs = 0; minedAtUs.size < blockCount; ) {
    atUs += draws.exponential(1_000_000 / txPerSec);
    simulation.runUntil(Math.round(atUs));
    const node = draws.integer(nodeCount);
    const sequence = sequences[node] as number;
    sequences[node] = sequence + 1;
    simulation.submit(node, aPost(simulation, node, sequence));
  }
  simulation.runUntil(simulation.nowUs + intervalUs);
  const deliveries = delaysMs.length;
  const p99 = delaysMs.toSorted((a, b) => a - b)[Math.floor(0.99 * deliveries)] ?? Number.NaN;
  console.log(
    [
      `relay=${relay}${relay === "compact" ? (isCoinbaseOnly ? " whole=coinbase" : " whole=lacked") : ""}`,
      `tx_per_s=${txPerSec}`,
      `deliveries=${deliveries}`,
      `questions_per_delivery=${(counted.questions / deliveries).toFixed(3)}`,
      `bytes_per_delivery=${Math.round(counted.bytes / deliveries)}`,
      `delay_ms_p50=${Math.round(median(delaysMs))}`,
      `delay_ms_p99=${Math.round(p99)}`,
    ].join(" "),
  );
}

function aSimulation(relay: RelayMode, telemetry: Telemetry): Simulation {
  const hashesPerSec = (2 ** DIFFICULTY_BITS / intervalUs / nodeCount) * 1_000_000;
  const nodes = signers.map((_, index) => ({ index, name: `node-${index}`, hashesPerSec }));
  const conditions = { uplinkBitsPerSec: UPLINK_BITS_PER_SEC, lossRatio: 0, blockPaddingBytes: 0 };
  return new Simulation(
    { seed: BENCH_SEED, nodes, edges, ...conditions, relay },
    {
      chain: {
        name: "bench",
        seal: "drawn",
        initialCompactTarget: compactFromDifficulty(DIFFICULTY_BITS),
        difficultyRule: { kind: "fixed" },
        genesisTimeMs: 0,
        allocations: signers.map(({ publicKey: account }) => ({ account, amount: 1_000_000n })),
        blockReward: 50n,
        blockBytesMax: 1_000_000,
        futureLimitMs: 7_200_000,
      },
      functions: {
        sha256: (bytes) => crypto.sha256(bytes),
        verify: (publicKey, message, signature) => crypto.verify(publicKey, message, signature),
      },
      telemetry,
      store: FORGETFUL_STORE,
      minerAccounts: signers.map(({ publicKey }) => publicKey),
      mempoolBytesMax: 10_000_000,
    },
  );
}

/** Of a hundred characters, as short messages have. */
function aPost({ tree }: Simulation, node: number, sequence: number) {
  const signer = signers[node];
  if (signer === undefined) throw new Error("no such node");
  const body = { kind: "post", text: "x".repeat(100) } as const;
  const unsigned = { body, sender: signer.publicKey, sequence, fee: 1n };
  const signature = signer.sign(signingBytes(unsigned, tree.genesis.hash));
  return makeTransactionFacts({ ...unsigned, signature }, tree.transactionContext);
}

/** What blocks cost on the wire, transactions that are told of by themselves apart. */
function countBlockMessages({ transport }: Simulation, isCoinbaseOnly: boolean) {
  const counted = { questions: 0, bytes: 0 };
  const note = (message: Message, count: number): Message => {
    if (message.kind.includes("transactions")) return message;
    const sent =
      isCoinbaseOnly && message.kind === "compact" && message.prefilled.length > 1
        ? makeCompact(message.block, message.block.transactions ?? [])
        : message;
    if (message.kind.startsWith("request")) counted.questions += count;
    counted.bytes += count * sent.sizeBytes;
    return sent;
  };
  const send = transport.send.bind(transport);
  const sendToMany = transport.sendToMany.bind(transport);
  transport.send = (view, link, message) => send(view, link, note(message, 1));
  transport.sendToMany = (view, firstLink, linkBits, message) =>
    sendToMany(view, firstLink, linkBits, note(message, bitCount(linkBits)));
  return counted;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}
