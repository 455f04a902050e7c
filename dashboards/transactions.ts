import * as units from "@grafana/grafana-foundation-sdk/units";
import { type DashboardSpec, makeDashboard } from "./dashboard.ts";
import { bars, heatmap, lines, type Query, stat } from "./panels.ts";
import { chosen } from "./promql.ts";

const acceptedRate = `sum(${chosen.rate("forklab_transactions_accepted_total")})`;
const refusedRate = `sum(${chosen.rate("forklab_transactions_refused_total")})`;
const submittedRate = `${acceptedRate} + ${refusedRate}`;
/** Every node confirms every transaction, so the rate of the network is that of one of them: the one in the middle. */
const confirmedRate = `quantile(0.5, ${chosen.rate("forklab_transactions_confirmed_total")})`;
const waiting = chosen.series("forklab_mempool_transactions");

const CONFIRMATION = "forklab_transaction_confirmation_seconds";
const FEE = "forklab_transaction_fee_coins";

function quantiles(name: typeof CONFIRMATION | typeof FEE): [Query, Query, Query] {
  const query = (q: number): Query => ({ expr: chosen.quantile(q, name), legend: `${q * 100} %` });
  return [query(0.5), query(0.9), query(0.99)];
}

const now: DashboardSpec["rows"][number] = {
  title: "Now",
  panels: [
    stat({
      title: "Submitted",
      description: "Transactions that users handed to the chosen nodes, per second.",
      unit: units.CountsPerSecond,
      width: 5,
      queries: [{ expr: submittedRate, legend: "submitted" }],
    }),
    stat({
      title: "Refused",
      description:
        "Share of these that the nodes did not take. No share while nothing is submitted counts as none.",
      unit: units.PercentUnit,
      width: 5,
      decimals: 1,
      thresholds: { warn: 0.01, alarm: 0.1 },
      queries: [{ expr: `${refusedRate} / (${submittedRate} > 0) or on() vector(0)`, legend: "refused" }],
    }),
    stat({
      title: "Confirmed",
      description:
        "Transactions in blocks that joined the best chain, per second, as the node in the middle has it.",
      unit: units.CountsPerSecond,
      width: 5,
      queries: [{ expr: confirmedRate, legend: "confirmed" }],
    }),
    stat({
      title: "Waiting",
      description: "Transactions in the fullest mempool.",
      unit: units.NoUnit,
      width: 4,
      queries: [{ expr: `max(${waiting})`, legend: "waiting" }],
    }),
    stat({
      title: "Median confirmation",
      description:
        "From submission to the first block on the best chain. No number while nothing is confirmed.",
      unit: units.Seconds,
      width: 5,
      queries: [{ expr: chosen.quantile(0.5, CONFIRMATION), legend: "median" }],
    }),
  ],
};

const flow: DashboardSpec["rows"][number] = {
  title: "Flow",
  panels: [
    lines({
      title: "Submitted, accepted, refused, confirmed",
      description:
        "Per second. What is confirmed comes in steps, a block at a time; for long it cannot stay below what is accepted, or mempools grow.",
      unit: units.CountsPerSecond,
      width: 12,
      queries: [
        { expr: submittedRate, legend: "submitted" },
        { expr: acceptedRate, legend: "accepted" },
        { expr: refusedRate, legend: "refused" },
        { expr: confirmedRate, legend: "confirmed" },
      ],
    }),
    bars({
      title: "Refused by reason",
      description:
        "Transactions that users submitted and a node did not take, by the code of the rule; docs/api.md explains each.",
      unit: units.NoUnit,
      width: 12,
      queries: [
        {
          expr: `sum by (code) (${chosen.increase("forklab_transactions_refused_total")})`,
          legend: "{{code}}",
        },
      ],
    }),
    lines({
      title: "In mempool",
      description: "Transactions that wait for a block at each node.",
      unit: units.NoUnit,
      width: 12,
      queries: [{ expr: waiting, legend: "{{node}}" }],
    }),
    lines({
      title: "Mempool size",
      description: "Canonical bytes of what waits at each node; the bound is --mempool-bytes.",
      unit: units.BytesSI,
      width: 12,
      queries: [{ expr: chosen.series("forklab_mempool_bytes"), legend: "{{node}}" }],
    }),
  ],
};

const confirmation: DashboardSpec["rows"][number] = {
  title: "Confirmation",
  panels: [
    heatmap({
      title: "Confirmation times",
      description:
        "How many transactions took how long from submission to the first block on the best chain of the node that took them.",
      unit: units.Seconds,
      width: 12,
      queries: [{ expr: chosen.bucketIncrease(CONFIRMATION), legend: "{{le}}" }],
    }),
    lines({
      title: "Confirmation time",
      description: "The same as percentiles, as exact as the buckets are. Empty while nothing is confirmed.",
      unit: units.Seconds,
      width: 12,
      queries: quantiles(CONFIRMATION),
    }),
  ],
};

const fees: DashboardSpec["rows"][number] = {
  title: "Fees",
  panels: [
    lines({
      title: "Fees",
      description:
        "Percentiles of the fees of confirmed transactions, in coins. Empty while nothing is confirmed.",
      unit: units.NoUnit,
      width: 12,
      queries: quantiles(FEE),
    }),
    lines({
      title: "Fees paid",
      description: "Coins a second that miners earn by fees, as the node in the middle has it.",
      unit: units.CountsPerSecond,
      width: 12,
      queries: [{ expr: `quantile(0.5, ${chosen.sumRate(FEE)})`, legend: "coins a second" }],
    }),
  ],
};

/** What becomes of transactions between their submission and a block. */
export const transactionsDashboard = () =>
  makeDashboard({
    id: "transactions",
    title: "Transactions",
    description: "What becomes of transactions between their submission and a block.",
    nodes: "many",
    rows: [now, flow, confirmation, fees],
  });
