import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { syncLine } from "./sync.ts";

/**
 * How fast a node catches up. Usage: node bench/node/sync-main.ts [--blocks 1000] [--transactions 10] [--readers 0] [--runs 3]
 * A node 10,000 blocks behind that serves requests meanwhile: --blocks 10000 --transactions 2 --readers 4
 */
const { values } = parseArgs({
  options: {
    blocks: { type: "string", default: "1000" },
    transactions: { type: "string", default: "10" },
    readers: { type: "string", default: "0" },
    runs: { type: "string", default: "3" },
  },
});
// As in a node: see node/main.ts.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism());
console.log(`# ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}`);
for (let run = 1; run <= Number(values.runs); run += 1) {
  const line = await syncLine({
    blocks: Number(values.blocks),
    transactionsPerBlock: Number(values.transactions),
    readers: Number(values.readers),
  });
  console.log(`bench=sync ${line}`);
}
