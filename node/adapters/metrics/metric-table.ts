/**
 * Every metric of a node: docs/metrics.md and the registry are made from this table. Names are forklab_<noun>_<unit>[_total], in base units as
 * Prometheus has them.
 */
export interface MetricRow {
  readonly type: "gauge" | "counter" | "histogram";
  /** For the docs; the name ends in it where it is a unit. */
  readonly unit: string;
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
}

const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const CONFIRMATION_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export const METRICS = {
  forklab_hash_rate_hashes_per_second: {
    type: "gauge",
    unit: "hashes per second",
    labels: ["kind"],
    help: "Hash rate: kind=asked is what is configured, kind=achieved what was tried over the last second.",
  },
  forklab_chain_height_blocks: { type: "gauge", unit: "blocks", labels: [], help: "Height of the tip." },
  forklab_chain_work_hashes: {
    type: "gauge",
    unit: "hashes",
    labels: [],
    help: "Expected hashes behind the best chain; rounded to a double.",
  },
  forklab_tip_age_seconds: {
    type: "gauge",
    unit: "seconds",
    labels: [],
    help: "Time since the header time of the tip, by this node's clock.",
  },
  forklab_blocks_mined_total: {
    type: "counter",
    unit: "blocks",
    labels: [],
    help: "Blocks that this node made.",
  },
  forklab_blocks_received_total: {
    type: "counter",
    unit: "blocks",
    labels: [],
    help: "Valid blocks of others, held for the first time.",
  },
  forklab_blocks_refused_total: {
    type: "counter",
    unit: "blocks",
    labels: ["code"],
    help: "Blocks that broke a rule, by the code of the rule.",
  },
  forklab_stale_blocks: {
    type: "gauge",
    unit: "blocks",
    labels: [],
    help: "Blocks held that are not on the best chain.",
  },
  forklab_forks_seen_total: {
    type: "counter",
    unit: "heights",
    labels: [],
    help: "Heights at which a second block came to be held since the start of the process.",
  },
  forklab_reorganisations_total: {
    type: "counter",
    unit: "reorganisations",
    labels: ["depth"],
    help: "Changes of tip that left blocks behind, by how many: 1, 2, 3, 4-6, 7-12, 13+.",
  },
  forklab_mempool_transactions: {
    type: "gauge",
    unit: "transactions",
    labels: [],
    help: "Transactions that wait for a block.",
  },
  forklab_mempool_bytes: { type: "gauge", unit: "bytes", labels: [], help: "Canonical bytes of what waits." },
  forklab_transactions_accepted_total: {
    type: "counter",
    unit: "transactions",
    labels: [],
    help: "Transactions that users submitted to this node and that it took.",
  },
  forklab_transactions_refused_total: {
    type: "counter",
    unit: "transactions",
    labels: ["code"],
    help: "Transactions that users submitted to this node and that it did not take, by code.",
  },
  forklab_transactions_confirmed_total: {
    type: "counter",
    unit: "transactions",
    labels: [],
    help: "Transactions in blocks that joined the best chain, coinbases left out; one that is reorganised counts again.",
  },
  forklab_transaction_confirmation_seconds: {
    type: "histogram",
    unit: "seconds",
    labels: [],
    help: "From submission to this node to the first block on its best chain that holds the transaction.",
    buckets: CONFIRMATION_BUCKETS,
  },
  forklab_block_propagation_seconds: {
    type: "histogram",
    unit: "seconds",
    labels: [],
    help:
      "Arrival of another's block minus its header time. Limits: header times are whole milliseconds of the miner's clock; a hashing miner " +
      "renews them once a second, so up to a second of it is the age of the work; blocks of a catch-up count too.",
    buckets: LATENCY_BUCKETS,
  },
  forklab_peers: {
    type: "gauge",
    unit: "peers",
    labels: ["state"],
    help: "Peers: state=up is linked, state=down is known and not linked.",
  },
  forklab_messages_sent_total: {
    type: "counter",
    unit: "messages",
    labels: [],
    help: "Messages handed to links.",
  },
  forklab_message_bytes_sent_total: {
    type: "counter",
    unit: "bytes",
    labels: [],
    help: "Bytes of messages handed to links, padding included.",
  },
  forklab_shaper_lateness_seconds: {
    type: "histogram",
    unit: "seconds",
    labels: [],
    help: "By how much later than its drawn time a delayed message was handed over (early counts as 0). Check it before trusting delays.",
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
  },
  forklab_event_loop_lag_seconds: {
    type: "gauge",
    unit: "seconds",
    labels: ["quantile"],
    help: "By how much timers came late in the last second: quantile=0.5 and quantile=0.99.",
  },
  forklab_http_request_seconds: {
    type: "histogram",
    unit: "seconds",
    labels: ["route", "method", "status"],
    help: "Time to answer an HTTP request, by route and status. Streams of events are left out.",
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricName = keyof typeof METRICS;
