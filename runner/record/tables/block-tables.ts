import type { Micros } from "../../../node/core/support/micros.ts";
import type { RunBlock } from "../../analysis/block-tree.ts";
import type { Fork } from "../../analysis/forks.ts";
import { column, msColumn } from "../column.ts";
import type { FinishedRun } from "../finished-run.ts";
import { resultTable } from "../result-table.ts";
import type { TipChanged } from "../run-event.ts";

interface BlockRow {
  readonly block: RunBlock;
  readonly reachUs: readonly (Micros | null)[];
}

function* blockRows({ analysis }: FinishedRun): Generator<BlockRow> {
  const { reachUs } = analysis.propagation;
  for (const block of analysis.tree.blocks)
    yield { block, reachUs: [reachUs(block, 50), reachUs(block, 90), reachUs(block, 99)] };
}

const REACH_MEANING = "of all nodes held it, its miner among them; empty if they never did.";

export const blocksTable = resultTable<BlockRow>(
  {
    file: "blocks.csv",
    title: "Blocks",
    meaning: "One row for each block that anyone mined, in the order of mining. Genesis is not among them.",
    key: ["block_hash"],
    columns: [
      column("block_hash", "hash", null, "SHA-256 of the block's header.", ({ block }) => block.hash),
      column("parent_hash", "hash", null, "The block it builds on.", ({ block }) => block.parentHash),
      column(
        "height",
        "integer",
        "blocks",
        "Distance from genesis, which has 0.",
        ({ block }) => block.height,
      ),
      column("miner", "integer", null, "Index of the node that mined it.", ({ block }) => block.miner),
      msColumn("mined_ms", "When it was mined.", ({ block }) => block.minedAtUs),
      column("time_ms", "integer", "ms", "Time in its header.", ({ block }) => block.timeMs),
      column(
        "work",
        "integer",
        "hashes",
        "Hashes expected for a block of its target.",
        ({ block }) => block.work,
      ),
      column(
        "total_work",
        "integer",
        "hashes",
        "Work of its chain from height 1 to here; empty if the journal does not connect it to genesis.",
        ({ block }) => block.totalWork,
      ),
      column(
        "size_bytes",
        "integer",
        "bytes",
        "Canonical bytes, header included.",
        ({ block }) => block.sizeBytes,
      ),
      column(
        "transactions",
        "integer",
        "transactions",
        "Transactions in it, the coinbase not counted.",
        ({ block }) => block.transactionIds.length,
      ),
      column(
        "final",
        "boolean",
        null,
        "Whether it is on the final chain; if not it is stale.",
        ({ block }) => block.isFinal,
      ),
      msColumn(
        "reached_50_ms",
        `Time from its mining until 50 % ${REACH_MEANING}`,
        (row) => row.reachUs[0] ?? null,
      ),
      msColumn(
        "reached_90_ms",
        `Time from its mining until 90 % ${REACH_MEANING}`,
        (row) => row.reachUs[1] ?? null,
      ),
      msColumn(
        "reached_99_ms",
        `Time from its mining until 99 % ${REACH_MEANING}`,
        (row) => row.reachUs[2] ?? null,
      ),
    ],
  },
  blockRows,
);

interface Delivery {
  readonly block: RunBlock;
  readonly node: number;
  readonly afterUs: Micros | null;
}

function* deliveries({ analysis }: FinishedRun): Generator<Delivery> {
  const { arrivalUs, nodeCount } = analysis.propagation;
  for (const block of analysis.tree.blocks)
    for (let node = 0; node < nodeCount; node++)
      if (node !== block.miner) yield { block, node, afterUs: arrivalUs(block, node) };
}

export const propagationTable = resultTable<Delivery>(
  {
    file: "propagation.csv",
    title: "Propagation",
    meaning:
      "One row for each block and each node but its miner, in the order of mining, then of nodes. A block that never reached a node has a row with an empty time.",
    key: ["block_hash", "node"],
    columns: [
      column("block_hash", "hash", null, "The block.", ({ block }) => block.hash),
      column("height", "integer", "blocks", "Its height.", ({ block }) => block.height),
      column("miner", "integer", null, "Index of the node that mined it.", ({ block }) => block.miner),
      column("node", "integer", null, "Index of the node it came to.", ({ node }) => node),
      msColumn(
        "arrived_after_ms",
        "Time from its mining until the node held it, valid and connected to genesis; empty if it never did.",
        ({ afterUs }) => afterUs,
      ),
    ],
  },
  deliveries,
);

export const forksTable = resultTable<Fork>(
  {
    file: "forks.csv",
    title: "Forks",
    meaning: "One row for each height with more than one block, height ascending.",
    key: ["height"],
    columns: [
      column("height", "integer", "blocks", "The height.", (fork) => fork.height),
      column(
        "blocks",
        "integer",
        "blocks",
        "Blocks of this height; 2 or more.",
        (fork) => fork.blocks.length,
      ),
      column("winner_hash", "hash", null, "The one on the final chain.", (fork) => fork.winner?.hash ?? null),
      msColumn(
        "first_mined_ms",
        "When the first of them was mined.",
        (fork) => fork.blocks[0]?.minedAtUs ?? null,
      ),
      msColumn(
        "last_mined_ms",
        "When the last of them was mined.",
        (fork) => fork.blocks.at(-1)?.minedAtUs ?? null,
      ),
      column(
        "branch_blocks_max",
        "integer",
        "blocks",
        "Length of the longest stale branch that leaves the final chain at this height; 0 if the fork began lower.",
        (fork) => fork.branchLength,
      ),
      column(
        "measured",
        "boolean",
        null,
        "Whether it counts towards the fork rate: its first block was mined after the warm-up, at least `confirmations` below the final tip.",
        (fork) => fork.isMeasured,
      ),
    ],
  },
  ({ analysis }) => analysis.forks.forks,
);

export const reorgsTable = resultTable<TipChanged>(
  {
    file: "reorgs.csv",
    title: "Reorganisations",
    meaning: "One row for each time a node took blocks off its chain, in the order of time.",
    key: [],
    columns: [
      msColumn("at_ms", "When the node changed its mind.", (change) => change.atUs),
      column("node", "integer", null, "Index of the node.", (change) => change.node),
      column(
        "depth",
        "integer",
        "blocks",
        "Blocks taken off its chain; 1 or more.",
        (change) => change.disconnected,
      ),
      column("connected", "integer", "blocks", "Blocks put on instead.", (change) => change.connected),
      column("from_hash", "hash", null, "Tip before.", (change) => change.previousHash),
      column("to_hash", "hash", null, "Tip after.", (change) => change.hash),
      column("height", "integer", "blocks", "Height after.", (change) => change.height),
      column(
        "common_height",
        "integer",
        "blocks",
        "Height of the last block that both chains share.",
        (change) => change.height - change.connected,
      ),
    ],
  },
  ({ analysis }) => analysis.reorganisations.list,
);
