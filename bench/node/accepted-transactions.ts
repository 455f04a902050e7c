import type { BenchLine } from "./bench-line.ts";
import { Child, startBenchNode, usEach } from "./child.ts";
import { ACCOUNT_COUNT, loadChain, PER_ACCOUNT } from "./load-accounts.ts";

const CONNECTIONS = 16;

/** Signed transfers that a node has checked, signature and cover, and taken into its mempool, per second over HTTP. */
export const acceptedTransactions: BenchLine = {
  name: "transactions",
  unit: "accepted/s",
  aim: 4_000,
  least: 2_500,
  isMoreBetter: true,
  plain: "bare node:http, each key parsed anew, into a Map",
  async prepare() {
    const load = new Child("load-process.ts");
    const perSec = async (url: string, genesis: string) => {
      load.tell({ kind: "transactions", url, genesis, connections: CONNECTIONS });
      const { perSec: rate, cpuUsEach } = await load.line();
      return { rate: Number(rate), loadCpuUsEach: Number(cpuUsEach) };
    };
    return {
      measure: async () => {
        const node = await startBenchNode(loadChain(), ["--mine", "off"]);
        const startSec = node.child.cpuSec;
        const { rate: ours, loadCpuUsEach } = await perSec(node.url, node.genesis);
        const cpuUsEach = usEach(startSec, node.child.cpuSec, ACCOUNT_COUNT * PER_ACCOUNT);
        await node.close();
        const server = new Child("plain-server.ts", [node.genesis]);
        const { url } = await server.line();
        const { rate: plain } = await perSec(String(url), node.genesis).finally(() => server.end());
        return { ours, plain, cpuUsEach, loadCpuUsEach };
      },
      close: () => load.end(),
    };
  },
};
