import { MICROS_PER_SEC, type Micros } from "../../node/core/support/micros.ts";
import type { Prng } from "../../node/core/support/prng.ts";
import type { PlannedAccount, PlannedTransaction } from "../plan.ts";
import type { ScenarioSettings } from "../scenario/schema.ts";

type LoadSettings = ScenarioSettings["transactions"];

export interface PlannedLoad {
  readonly accounts: readonly PlannedAccount[];
  /** In the order of `atUs`. */
  readonly load: readonly PlannedTransaction[];
}

/** What a transfer moves: the least there is, since only the number of transactions matters here. */
const TRANSFER_AMOUNT = 1n;

/**
 * Which transactions arrive when: a Poisson process over the whole run that does not wait for answers, so that a network
 * that cannot keep up shows it as waiting time and not as a lower rate. Senders, recipients and fees have streams of
 * their own, so that changing one leaves the others as they were.
 */
export function planLoad(
  settings: LoadSettings,
  durationUs: Micros,
  nodeCount: number,
  prng: Prng,
): PlannedLoad {
  const { rate, kind } = settings;
  if (rate.perSec === 0) return { accounts: [], load: [] };
  const accountCount = settings.accounts ?? defaultAccountCount((rate.perSec * durationUs) / MICROS_PER_SEC);
  const drawAccount = prng.stream("senders");
  const drawRecipient = prng.stream("recipients");
  const drawFee = prng.stream("fees");
  const load = arrivals(rate.perSec, durationUs, prng.stream("arrivals")).map(
    (atUs, index): PlannedTransaction => {
      const account = drawAccount.integer(accountCount);
      const fee = feeOf(settings.fee, drawFee);
      if (kind === "post") return { atUs, account, fee, body: { kind, text: `post ${index}` } };
      // Anybody but the sender.
      const recipient = (account + 1 + drawRecipient.integer(accountCount - 1)) % accountCount;
      return { atUs, account, fee, body: { kind, recipient, amount: TRANSFER_AMOUNT } };
    },
  );
  const balance = coveringBalance(load, accountCount);
  const accounts = Array.from({ length: accountCount }, (_, account) => ({
    keySeed: `account ${account}`,
    balance,
    node: account % nodeCount,
  }));
  return { accounts, load };
}

/** Times of a Poisson process in [0, durationUs), ascending, whole microseconds. */
export function arrivals(perSec: number, durationUs: Micros, prng: Prng): Micros[] {
  const meanUs = MICROS_PER_SEC / perSec;
  const times: Micros[] = [];
  for (let atUs = prng.exponential(meanUs); atUs < durationUs; atUs += prng.exponential(meanUs))
    times.push(Math.floor(atUs));
  return times;
}

/**
 * One for every four transactions: the transactions of one account must enter the chain in their order, and with few
 * accounts that order, not the network, would decide how long they wait. At most 1000, so that genesis stays small.
 */
export function defaultAccountCount(expectedTransactions: number): number {
  return Math.min(1000, Math.max(10, Math.ceil(expectedTransactions / 4)));
}

function feeOf(fee: LoadSettings["fee"], prng: Prng): bigint {
  if (typeof fee === "number") return BigInt(fee);
  return BigInt(fee.min + prng.integer(fee.max - fee.min + 1));
}

/** A power of ten that covers what any account sends, with nothing received: no refusal for want of coins muddies a result. */
function coveringBalance(load: readonly PlannedTransaction[], accountCount: number): bigint {
  const costs = new Array<bigint>(accountCount).fill(0n);
  for (const { account, fee, body } of load)
    costs[account] = (costs[account] ?? 0n) + fee + (body.kind === "transfer" ? body.amount : 0n);
  const highest = costs.reduce((high, cost) => (cost > high ? cost : high), 0n);
  let balance = 1_000_000n;
  while (balance < highest) balance *= 10n;
  return balance;
}
