import { expect, test } from "vitest";
import { HEADER_BOUNDS } from "../../node/core/machine/header-bounds.ts";
import type { Telemetry } from "../../node/ports/telemetry.ts";
import { SimStore } from "../../runner/backends/sim/sim-store.ts";
import { Simulation } from "../../runner/backends/sim/simulation.ts";
import { ATTACKS, type Attack } from "../hostile/attacks.ts";
import { attackedChain } from "../hostile/foe.ts";
import { SimFoe } from "../hostile/sim-foe.ts";
import { BlockAuthor } from "../support/mined-blocks.ts";
import { FUNCTIONS } from "./world.ts";

const HONEST = [0, 1, 2, 3];
const FOE = 4;
const VICTIM = 0;

/** Blocks of the honest, a second apart on the average, before and after the attack. */
const CALM_US = 20_000_000;

/** Four honest nodes and a hostile one, each linked with every other; and what the victim notices and refuses. */
function aNetwork(author: BlockAuthor) {
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
  const nodes = [...HONEST, FOE];
  const pairs = nodes.flatMap((a) => nodes.filter((b) => b > a).map((b) => ({ a, b })));
  const latency = { kind: "constant", delayUs: 20_000 } as const;
  const simulation = new Simulation(
    {
      seed: "hostile",
      nodes: nodes.map((index) => ({
        index,
        name: `node-${index}`,
        // 2^8 hashes a block, a block a second.
        hashesPerSec: index === FOE ? 0 : 64,
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
      mempoolBytesMax: 1_000_000,
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

async function endure(attack: Attack): Promise<void> {
  const author = new BlockAuthor(attackedChain(0));
  const { simulation, said } = aNetwork(author);
  const foe = new SimFoe(simulation, FOE, VICTIM, author);
  simulation.runUntil(CALM_US);
  await attack.run(foe);
  simulation.runUntil(simulation.nowUs + CALM_US);
  // Nobody finds any more: everyone must get to one tip.
  for (const node of HONEST) simulation.miner.setHashRate(node, 0);
  simulation.runUntil(simulation.nowUs + 5_000_000);
  const tips = HONEST.map((node) => simulation.host(node).machine.tip);
  expect(new Set(tips.map(({ hash }) => hash)).size).toBe(1);
  expect(tips[0]?.header.height).toBeGreaterThan(10);
  expect(simulation.tree.loose.size).toBeLessThanOrEqual(HEADER_BOUNDS.looseCountMax);
  expect(foe.isLinked).toBe(attack.ban === null);
  if (attack.ban !== null) expect(said).toContain(attack.ban);
  if (attack.metric !== undefined) expect(said).toContain("headers-forgotten");
}

for (const attack of ATTACKS.filter(({ isLiveOnly }) => isLiveOnly !== true))
  test(`simulated nodes bear ${attack.name}`, () => endure(attack));
