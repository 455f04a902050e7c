import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { catchUp } from "./sync.ts";

/**
 * How fast a node catches up, of chains of any size. Usage: node bench/node/sync-main.ts [--blocks 1000] [--transactions 10] [--readers 0] [--runs 3]
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
const [blocks, transactionsPerBlock, readers] = [values.blocks, values.transactions, values.readers].map(
  Number,
) as [number, number, number];
for (let run = 1; run <= Number(values.runs); run += 1) {
  const done = await catchUp({ blocks, transactionsPerBlock, readers });
  console.log(
    [
      `bench=sync blocks=${blocks} transactions_per_block=${transactionsPerBlock} readers=${readers}`,
      `seconds=${done.seconds.toFixed(2)}`,
      `blocks_per_s=${Math.round(blocks / done.seconds)}`,
      `signatures_alone_per_s=${Math.round(done.signaturesAlonePerSec)}`,
      `share_of_signatures=${(done.signaturesPerSec / done.signaturesAlonePerSec).toFixed(2)}`,
      `cpu_s=${done.cpuSec.toFixed(2)}`,
      `cpu_s_of_peer=${done.peerCpuSec.toFixed(2)}`,
      `lag_ms_p99=${done.lagMsP99}`,
      `lag_ms_p99_of_peer=${done.peerLagMsP99}`,
      `requests_served=${done.requestsServed}`,
      `slowest_request_ms=${Math.round(done.slowestRequestMs)}`,
    ].join(" "),
  );
}
