import type { Telemetry } from "../../node/ports/telemetry.ts";
import { SimStore } from "../../runner/backends/sim/sim-store.ts";
import { Simulation } from "../../runner/backends/sim/simulation.ts";
import type { BlockAuthor } from "../support/mined-blocks.ts";
import { FUNCTIONS } from "./world.ts";

/** Who is attacked, and says what it notices. */
const VICTIM = 0;

/**
 * So many honest nodes and a hostile one, the last, each linked with every other; and what node 0 notices and refuses. With 64 hashes a second each, four
 * honest nodes make a block a second.
 */
export function attackedNetwork(
  author: BlockAuthor,
  honestCount: number,
  { hashesPerSec = 64, mempoolBytesMax = 1_000_000 } = {},
) {
  const said: string[] = [];
  const note = (view: number, what: string) => {
    if (view === VICTIM) said.push(what);
  };
  const telemetry: Telemetry = {
    blockMined: () => undefined,
    blockReceived: () => undefined,
    blockRefused: () => undefined,
    noticed: (view, notice) => note(view, notice.kind),
    tipChanged: () => undefined,
    transactionSubmitted: () => undefined,
  };
  const nodes = Array.from({ length: honestCount + 1 }, (_, index) => index);
  const pairs = nodes.flatMap((a) => nodes.filter((b) => b > a).map((b) => ({ a, b })));
  const latency = { kind: "constant", delayUs: 20_000 } as const;
  const simulation = new Simulation(
    {
      seed: "hostile",
      nodes: nodes.map((index) => ({
        index,
        name: `node-${index}`,
        hashesPerSec: index === honestCount ? 0 : hashesPerSec,
      })),
      edges: pairs.map((pair) => ({ ...pair, latency })),
      uplinkBitsPerSec: null,
      lossRatio: 0,
      blockPaddingBytes: 0,
      relay: "announce",
    },
    {
      chain: author.tree.parameters,
      functions: FUNCTIONS,
      telemetry,
      store: new SimStore(nodes.length),
      minerAccounts: nodes.map((node) => node.toString(16).padStart(64, "0")),
      mempoolBytesMax,
    },
  );
  const { transport } = simulation;
  const disconnect = transport.disconnect.bind(transport);
  transport.disconnect = (view, link, reason) => {
    note(view, reason);
    disconnect(view, link, reason);
  };
  return { simulation, said };
}
