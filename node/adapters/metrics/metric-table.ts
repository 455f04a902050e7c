import { REFRESH_OUTCOMES } from "../../core/discovery/discovery.ts";
import { RELEASE_REASONS } from "../../core/discovery/link-keeper.ts";
import { ASK_KINDS } from "../../core/discovery/refresh.ts";
import type {
  AdmissionViolation,
  BlockViolation,
  HeaderViolation,
  TransactionViolation,
} from "../../core/rules/violation.ts";
import { CHECKPOINT_DEPTH_BLOCKS, CHECKPOINT_STEP_BLOCKS } from "./chain-figures.ts";
import { DEPTH_LABELS } from "./depth-label.ts";

/** One metric, whoever exports it. */
export interface MetricRow {
  readonly type: "gauge" | "counter" | "histogram";
  /** For the docs; the name ends in it where it is a unit. */
  readonly unit: string;
  readonly labels: readonly string[];
  readonly help: string;
  /** Of a counter, values of its one label that are known beforehand: these series start at 0. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
}

const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const CONFIRMATION_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Why a node takes no transaction from a user. */
const REFUSAL_CODES = [
  "already-known",
  "bad-payload",
  "bad-sequence",
  "bad-signature",
  "mempool-full",
  "no-cover",
  "over-free-relay",
  "sequence-taken",
  "sequence-too-far",
] as const satisfies readonly (AdmissionViolation | TransactionViolation)["code"][];

/** Why a node speaks with a peer no more for a while. */
const BAN_REASONS = [
  "bad-bytes",
  "bad-coinbase",
  "bad-height",
  "bad-merkle-root",
  "bad-parent",
  "bad-payload",
  "bad-sequence",
  "bad-signature",
  "bad-target",
  "bad-version",
  "block-too-large",
  "duplicate-transaction",
  "high-hash",
  "no-cover",
  "time-too-old",
] as const satisfies readonly (
  | "bad-bytes"
  | (HeaderViolation | BlockViolation | TransactionViolation)["code"]
)[];

/** Labels that every series of a node has. */
export const NODE_LABELS = ["node"] as const;

/**
 * Every metric of a node: docs/metrics.md, the registry and the queries of the dashboards are made from this table. Names are
 * forklab_<noun>_<unit>[_total], in base units as Prometheus has them.
 */
export const METRICS = {
  forklab_node_info: {
    type: "gauge",
    unit: "1",
    labels: ["version", "seal", "chain"],
    help: "Always 1: what the node runs, how its blocks are sealed (hash or drawn), and the name of its chain.",
  },
  forklab_hash_rate_hashes_per_second: {
    type: "gauge",
    unit: "hashes per second",
    labels: ["kind"],
    help: "Hash rate: kind=asked is what is configured (0 when blocks are mined on demand only), kind=achieved what was tried over the last second.",
  },
  forklab_chain_height_blocks: { type: "gauge", unit: "blocks", labels: [], help: "Height of the tip." },
  forklab_chain_work_hashes: {
    type: "gauge",
    unit: "hashes",
    labels: [],
    help: "Expected hashes behind the best chain; rounded to a double.",
  },
  forklab_difficulty_bits: {
    type: "gauge",
    unit: "bits",
    labels: [],
    help: "Difficulty of the tip in leading zero bits: its binary logarithm of expected hashes.",
  },
  forklab_block_interval_seconds: {
    type: "gauge",
    unit: "seconds",
    labels: [],
    help: "Mean time between the last blocks of the best chain, 20 at most, by their header times; absent below height 2.",
  },
  forklab_block_interval_target_seconds: {
    type: "gauge",
    unit: "seconds",
    labels: [],
    help: "Interval that the rule of difficulty steers to; absent where difficulty is fixed.",
  },
  forklab_tip_fingerprint: {
    type: "gauge",
    unit: "1",
    labels: [],
    help:
      "The last five hex digits of the tip's hash as a number: nodes on one tip show one number, and count_values tells how many are on each. " +
      "A number, not a label, so that a new tip makes no new series.",
  },
  forklab_checkpoint_height_blocks: {
    type: "gauge",
    unit: "blocks",
    labels: ["age"],
    help:
      `Heights of the last checkpoints of the best chain: multiples of ${CHECKPOINT_STEP_BLOCKS}, at least ${CHECKPOINT_DEPTH_BLOCKS} below the tip; ` +
      "age=0 is the highest.",
  },
  forklab_checkpoint_fingerprint: {
    type: "gauge",
    unit: "1",
    labels: ["age"],
    help:
      "Fingerprints of the blocks at these heights, as of the tip. More different fingerprints than different heights among all nodes: " +
      `some disagree on a block ${CHECKPOINT_DEPTH_BLOCKS} deep.`,
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
    values: { depth: DEPTH_LABELS },
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
    values: { code: REFUSAL_CODES },
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
  forklab_transaction_fee_coins: {
    type: "histogram",
    unit: "coins",
    labels: [],
    help: "Fees of transactions in blocks that joined the best chain, coinbases left out; one that is reorganised counts again.",
    buckets: [0, 1, 2, 3, 5, 8, 13, 21, 50, 100, 1_000],
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
  forklab_known_nodes: {
    type: "gauge",
    unit: "nodes",
    labels: ["state"],
    help:
      "Nodes that discovery knows: state=listed are told to others, state=tried were heard of or have failed, and are asked before anyone is " +
      "told of them. Both 0 where links are configured and nobody introduces itself.",
  },
  forklab_discovery_refreshes_total: {
    type: "counter",
    unit: "refreshes",
    labels: ["outcome"],
    values: { outcome: REFRESH_OUTCOMES },
    help:
      "Refreshes of the known nodes that came to their end: outcome=enough with as many listed as --known-limit, outcome=some with fewer, " +
      "outcome=none with nobody. None without --registry-ip.",
  },
  forklab_discovery_failures_total: {
    type: "counter",
    unit: "requests",
    labels: ["ask"],
    values: { ask: ASK_KINDS },
    help:
      "Requests of discovery that brought no answer: ask=check, a known node does not live; ask=introduce, the registry cannot be reached; " +
      "ask=nodes, one of them did not say whom it knows.",
  },
  forklab_sync_behind_blocks: {
    type: "gauge",
    unit: "blocks",
    labels: [],
    help: "Heights between the tip and the best chain whose headers this node knows: 0 when it is in sync.",
  },
  forklab_sync_bodies: {
    type: "gauge",
    unit: "blocks",
    labels: ["state"],
    help: "Bodies of blocks: state=asked were asked for and have not come, state=waiting came before an ancestor's.",
  },
  forklab_storage_damaged_total: {
    type: "counter",
    unit: "records",
    labels: ["what"],
    values: { what: ["block", "header", "ledger", "file"] },
    help: "Records on this node's disk that were found damaged and set aside; what=file is the whole file, whose readable records were kept.",
  },
  forklab_storage_missing_blocks: {
    type: "gauge",
    unit: "blocks",
    labels: [],
    help: "Blocks that were found damaged on this node's disk and have not come again from peers.",
  },
  forklab_sync_headers_forgotten_total: {
    type: "counter",
    unit: "blocks",
    labels: [],
    help: "Headers that were let go because too many were known whose bodies nobody here holds; those with the least work first.",
  },
  forklab_sync_peers_passed_over_total: {
    type: "counter",
    unit: "times",
    labels: [],
    help: "Times that a peer was so slow with a body which others waited for that another was asked, and is asked first from then on.",
  },
  forklab_peer_bans_total: {
    type: "counter",
    unit: "bans",
    labels: ["reason"],
    values: { reason: BAN_REASONS },
    help: "Peers with which nobody speaks for a while, by what they did: the code of a broken rule, or bad-bytes. GET /peers names them.",
  },
  forklab_peer_releases_total: {
    type: "counter",
    unit: "links",
    labels: ["reason"],
    values: { reason: ["removed", ...RELEASE_REASONS] },
    help: "Links that this node ended although the peer broke no rule: reason=slow for another that it knows, because the peer was passed over three times. GET /peers names them.",
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
  forklab_http_requests_total: {
    type: "counter",
    unit: "requests",
    labels: ["route", "method", "status"],
    help:
      "HTTP requests that were answered, by the route's pattern (none: no route), method and status. Streams of events are left out. " +
      "Every route starts with its 200 and its 500 at 0.",
  },
  forklab_http_request_seconds: {
    type: "histogram",
    unit: "seconds",
    labels: ["route", "method"],
    help: "Time to answer an HTTP request, by the route's pattern. Streams of events are left out.",
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricName = keyof typeof METRICS;
