import type { CellKind, CellValue, Column } from "../column.ts";
import type { RunEvent } from "../run-event.ts";

type EventType = RunEvent["type"];
type EventOf<Type extends EventType> = Extract<RunEvent, { type: Type }>;

/** A column of events.csv; it is empty in the rows of other types than these, and in none of `null`. */
export interface EventColumn extends Column<RunEvent> {
  readonly types: ReadonlySet<EventType> | null;
}

/** `value` is only ever called with events of these types. */
function only<Type extends EventType>(
  types: readonly Type[],
  [name, kind, unit]: readonly [name: string, kind: CellKind, unit: string | null],
  meaning: string,
  value: (event: EventOf<Type>) => CellValue,
): EventColumn {
  const wanted: ReadonlySet<EventType> = new Set(types);
  const sparse = (event: RunEvent) => (wanted.has(event.type) ? value(event as EventOf<Type>) : null);
  return { name, kind, unit, meaning, types: wanted, value: sparse };
}

/** An empty text says nothing: its cell is empty as well. */
function filled(text: string): string | null {
  return text === "" ? null : text;
}

const COMMON: readonly EventColumn[] = [
  {
    name: "at_ms",
    kind: "ms",
    unit: "ms",
    meaning: "When it happened, since the start of the run.",
    types: null,
    value: (event) => event.atUs,
  },
  {
    name: "type",
    kind: "text",
    unit: null,
    meaning: "What happened; it decides which other columns are filled.",
    types: null,
    value: (event) => event.type,
  },
  {
    name: "node",
    kind: "integer",
    unit: null,
    meaning: "Index of the node it happened at; empty for faults.",
    types: null,
    value: (event) => (event.type === "fault-applied" ? null : event.node),
  },
];

const BLOCKS: readonly EventColumn[] = [
  only(
    ["block-mined", "block-received", "block-refused", "tip-changed", "node-sampled"],
    ["block_hash", "hash", null],
    "The block that was mined, received or refused, or is a node's tip.",
    (event) => (event.type === "node-sampled" ? event.tipHash : event.hash),
  ),
  only(
    ["block-mined", "tip-changed"],
    ["previous_hash", "hash", null],
    "The parent of a mined block; of a change of tip the tip before.",
    (event) => (event.type === "block-mined" ? event.parentHash : event.previousHash),
  ),
  only(
    ["block-mined", "tip-changed", "node-sampled"],
    ["height", "integer", "blocks"],
    "Height of a mined block or of a tip.",
    (event) => event.height,
  ),
  only(
    ["block-refused", "transaction-settled"],
    ["code", "text", null],
    "Why a block or a transaction was refused, or why no answer came.",
    (event) => filled(event.code),
  ),
  only(
    ["block-mined"],
    ["time_ms", "integer", "ms"],
    "Time in the header, of the chain's own calendar.",
    (e) => e.timeMs,
  ),
  only(
    ["block-mined"],
    ["work", "integer", "hashes"],
    "Hashes expected for a block of this target.",
    (e) => e.work,
  ),
  only(
    ["block-mined"],
    ["size_bytes", "integer", "bytes"],
    "Canonical bytes, header included.",
    (e) => e.sizeBytes,
  ),
  only(
    ["block-mined"],
    ["transaction_ids", "hashes", null],
    "Transactions of a mined block in its order, without the coinbase, a space between.",
    (event) => filled(event.transactionIds.join(" ")),
  ),
  only(
    ["tip-changed"],
    ["disconnected", "integer", "blocks"],
    "Blocks that left the node's chain; 0 when it only grew.",
    (event) => event.disconnected,
  ),
  only(
    ["tip-changed"],
    ["connected", "integer", "blocks"],
    "Blocks that joined the node's chain.",
    (e) => e.connected,
  ),
];

const TRANSACTIONS: readonly EventColumn[] = [
  only(
    ["transaction-submitted", "transaction-settled"],
    ["transaction_id", "hash", null],
    "The transaction that was submitted or answered.",
    (event) => event.id,
  ),
  only(["transaction-submitted"], ["kind", "text", null], "transfer or post.", (event) => event.kind),
  only(
    ["transaction-submitted"],
    ["fee", "integer", "coins"],
    "What it offers the miner.",
    (event) => event.fee,
  ),
  only(
    ["transaction-settled"],
    ["outcome", "text", null],
    "accepted, refused, or unknown when no answer can be trusted.",
    (event) => event.outcome,
  ),
  only(
    ["transaction-submitted", "fault-applied"],
    ["planned_ms", "ms", "ms"],
    "When a transaction or fault was due.",
    (event) => event.plannedAtUs,
  ),
];

const SEE = "See nodes.csv.";

const NODES: readonly EventColumn[] = [
  only(
    ["node-changed"],
    ["state", "text", null],
    "started, stopped, crashed, paused or resumed.",
    (e) => e.state,
  ),
  only(["node-sampled"], ["mempool_count", "integer", "transactions"], SEE, (e) => e.mempoolCount),
  only(["node-sampled"], ["mempool_bytes", "integer", "bytes"], SEE, (e) => e.mempoolBytes),
  only(["node-sampled"], ["peer_count", "integer", "nodes"], SEE, (e) => e.peerCount),
  only(["node-sampled"], ["hashes_per_s_asked", "number", "hashes/s"], SEE, (e) => e.hashesPerSecAsked),
  only(["node-sampled"], ["hashes_per_s_achieved", "number", "hashes/s"], SEE, (e) => e.hashesPerSecAchieved),
  only(["node-sampled"], ["event_loop_lag_ms_p99", "number", "ms"], SEE, (e) => e.eventLoopLagMsP99),
  only(["node-sampled"], ["resident_bytes", "integer", "bytes"], SEE, (e) => e.residentBytes),
  only(["node-sampled"], ["cpu_ratio", "ratio", null], SEE, (e) => e.cpuRatio),
  only(["node-sampled"], ["sent_messages", "integer", "messages"], SEE, (e) => e.sentMessages),
  only(["node-sampled"], ["sent_bytes", "integer", "bytes"], SEE, (e) => e.sentBytes),
];

const FAULTS: readonly EventColumn[] = [
  only(["fault-applied"], ["fault", "integer", null], "Line of the timeline, from 0.", (e) => e.fault),
  only(["fault-applied"], ["word", "text", null], "Word of the timeline, such as partition.", (e) => e.word),
  only(
    ["fault-applied"],
    ["description", "text", null],
    "The line as the scenario says it.",
    (e) => e.description,
  ),
  only(["fault-applied"], ["applied_ms", "ms", "ms"], "When the fault was in force.", (e) => e.appliedAtUs),
  only(
    ["fault-applied"],
    ["probed", "boolean", null],
    "Whether a probe saw it; empty if it leaves nothing to probe or could not be measured.",
    (event) => event.probed,
  ),
  only(["fault-applied"], ["evidence", "text", null], "What the probe saw.", (event) =>
    filled(event.evidence),
  ),
];

/** In the order of events.csv. */
export const EVENT_COLUMNS: readonly EventColumn[] = [
  ...COMMON,
  ...BLOCKS,
  ...TRANSACTIONS,
  ...NODES,
  ...FAULTS,
];
