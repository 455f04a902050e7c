import { expect, test } from "vitest";
import { HEADER_BOUNDS } from "../../node/core/machine/header-bounds.ts";
import { ATTACKS, type Attack } from "../hostile/attacks.ts";
import { attackedChain } from "../hostile/foe.ts";
import { SimFoe } from "../hostile/sim-foe.ts";
import { BlockAuthor } from "../support/mined-blocks.ts";
import { attackedNetwork } from "./attacked-network.ts";

const HONEST = [0, 1, 2, 3];
const FOE = 4;
const VICTIM = 0;

/** Blocks of the honest, a second apart on the average, before and after the attack. */
const CALM_US = 20_000_000;

async function endure(attack: Attack): Promise<void> {
  const author = new BlockAuthor(attackedChain(0));
  const { simulation, said } = attackedNetwork(author, HONEST.length);
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
