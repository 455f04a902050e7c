import { expect, test } from "vitest";
import { MICROS_PER_SEC } from "../../node/core/support/micros.ts";
import { Prng } from "../../node/core/support/prng.ts";
import type { Fault, RunPlan } from "../../runner/plan.ts";
import { loadScenario } from "../../runner/scenario/load.ts";
import { planRun } from "../../runner/scenario/plan-run.ts";
import { traceOf } from "./compare-announcements.ts";
import { below, between, chance, pick } from "./random-picks.ts";
import { ACCOUNTS, type RandomScenario, type Step } from "./random-scenario.ts";
import { runScenario } from "./run-scenario.ts";

const MOMENT_COUNT = 50;
const VICTIMS = [2, 3, 4];

test("nodes that are killed at any moment lose no block that they acknowledged", async () => {
  const plan = planRun(await loadScenario("scenarios/crash.yaml"));
  const quiet = toScenario(plan, 0, []);
  // The microseconds at which blocks are found, arrive and become tips.
  const { timesUs } = traceOf(quiet, quiet.steps, false);
  const prng = new Prng("crash moments");
  const failures: string[] = [];
  for (let moment = 0; moment < MOMENT_COUNT; moment++) {
    const crashes = VICTIMS.flatMap((node): Step[] => {
      const crashUs = chance(prng, 0.5) ? pick(prng, timesUs) : below(prng, plan.durationUs);
      const restartUs = crashUs + between(prng, 1, 20 * MICROS_PER_SEC);
      return [
        step(crashUs, { word: "crash", nodes: [node] }),
        step(restartUs, { word: "restart", nodes: [node] }),
      ];
    });
    const { findings } = runScenario(toScenario(plan, moment, crashes));
    if (findings.length > 0) failures.push(`moment ${moment}: ${findings.join("; ")}`);
  }
  expect(failures).toEqual([]);
});

function step(atUs: number, fault: Fault): Step {
  return { atUs, fault };
}

/** The plan's network, chain and load, with these faults in place of its own; those after its end are left to the healing. */
function toScenario(plan: RunPlan, seed: number, faults: readonly Step[]): RandomScenario {
  // Signing and checking them is most of what a run costs.
  const someOfLoad = plan.load.filter((_, index) => index % 6 === 0);
  const load = someOfLoad.map(({ atUs, account, fee, body }): Step => {
    const transfer =
      body.kind === "transfer" ? { recipient: body.recipient % ACCOUNTS.length, amount: body.amount } : null;
    const node = plan.accounts[account]?.node ?? 0;
    return { atUs, submission: { account: account % ACCOUNTS.length, node, fee, transfer } };
  });
  const steps = [...load, ...faults.filter(({ atUs }) => atUs < plan.durationUs)];
  return {
    seed,
    network: plan,
    chain: {
      ...plan.chain,
      seal: "drawn",
      genesisTimeMs: 0,
      allocations: ACCOUNTS.map(({ publicKey }) => ({ account: publicKey, amount: 1_000_000n })),
    },
    steps: steps.sort((a, b) => a.atUs - b.atUs),
    durationUs: plan.durationUs,
    blockIntervalUs: MICROS_PER_SEC,
  };
}
