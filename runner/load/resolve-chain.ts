import type { ChainParameters } from "../../node/core/rules/parameters.ts";
import type { RunPlan } from "../plan.ts";
import type { AccountKeys } from "./account-keys.ts";

/** What a plan leaves to the backend. */
export interface ChainChoices {
  /** For a scenario that leaves it open. */
  readonly sealByDefault: ChainParameters["seal"];
  readonly genesisTimeMs: number;
}

/** The parameters of a plan's chain: genesis gives each account of the load its balance, in the order of the plan. */
export function resolveChain(plan: RunPlan, keys: AccountKeys, choices: ChainChoices): ChainParameters {
  return {
    ...plan.chain,
    seal: plan.chain.seal ?? choices.sealByDefault,
    genesisTimeMs: choices.genesisTimeMs,
    allocations: plan.accounts.map(({ balance }, account) => ({
      account: keys.publicKeyOf(account),
      amount: balance,
    })),
  };
}
