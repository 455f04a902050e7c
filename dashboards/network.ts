import * as units from "@grafana/grafana-foundation-sdk/units";
import { type DashboardSpec, makeDashboard } from "./dashboard.ts";
import { barGauge, bars, lines, stat } from "./panels.ts";
import { chosen } from "./promql.ts";

const height = chosen.series("forklab_chain_height_blocks");
const achieved = chosen.series("forklab_hash_rate_hashes_per_second", { kind: "achieved" });
const asked = chosen.series("forklab_hash_rate_hashes_per_second", { kind: "asked" });
const stale = chosen.series("forklab_stale_blocks");
const tips = `count_values("tip", ${chosen.series("forklab_tip_fingerprint")})`;
/** A height has one block where all agree; every further one is a conflict. */
const conflicts =
  `count(count_values("block", ${chosen.series("forklab_checkpoint_fingerprint")})) - ` +
  `count(count_values("height", ${chosen.series("forklab_checkpoint_height_blocks")}))`;
/** Of the blocks that a node holds; none held is no rate, so nobody divides by zero. */
const staleRatio = `${stale} / clamp_min(${stale} + ${height}, 1)`;
const interval = chosen.series("forklab_block_interval_seconds");
/** What the rule steers to; where there is none, what the difficulty makes of the hash rate. */
const expectedInterval =
  `max(${chosen.series("forklab_block_interval_target_seconds")}) or ` +
  `(2 ^ avg(${chosen.series("forklab_difficulty_bits")})) / sum(${asked})`;
const peersUp = chosen.series("forklab_peers", { state: "up" });

const now: DashboardSpec["rows"][number] = {
  title: "Now",
  panels: [
    stat({
      title: "Chain length",
      description: "Height of the highest tip.",
      unit: units.NoUnit,
      width: 4,
      queries: [{ expr: `max(${height})`, legend: "height" }],
    }),
    stat({
      title: "Tips",
      description:
        "Different tips. Prometheus looks at one node after another, so a young tip shows beside the one before it: two or three are usual.",
      unit: units.NoUnit,
      width: 4,
      queries: [{ expr: `count(${tips})`, legend: "tips" }],
    }),
    stat({
      title: "Hash rate",
      description: "What all chosen nodes together tried over the last second.",
      unit: units.HashesPerSecond,
      width: 4,
      queries: [{ expr: `sum(${achieved})`, legend: "achieved" }],
    }),
    stat({
      title: "Block interval",
      description: "Mean of the last 20 blocks, by their header times.",
      unit: units.Seconds,
      width: 4,
      queries: [{ expr: `avg(${interval})`, legend: "mean of 20 blocks" }],
    }),
    stat({
      title: "Stale rate",
      description: "Share of the blocks held that are not on the best chain, since the chain began.",
      unit: units.PercentUnit,
      width: 4,
      decimals: 1,
      thresholds: { warn: 0.1, alarm: 0.3 },
      queries: [{ expr: `avg(${staleRatio})`, legend: "stale" }],
    }),
    stat({
      title: "Nodes",
      description: "Nodes that answered the last look.",
      unit: units.NoUnit,
      width: 4,
      queries: [{ expr: `count(${height})`, legend: "nodes" }],
    }),
  ],
};

const agreement: DashboardSpec["rows"][number] = {
  title: "Agreement",
  panels: [
    lines({
      title: "Chain length by node",
      description:
        "Height of each node's tip. Lines that part and stay apart are a network that is split, or a node that fell behind.",
      unit: units.NoUnit,
      width: 12,
      queries: [{ expr: height, legend: "{{node}}" }],
    }),
    lines({
      title: "Tips",
      description:
        "How many different tips there are, how many nodes are on the commonest, and about how many blocks nodes disagree that are six deep or more: " +
        "above 0 the network is split, whatever the tips say.",
      unit: units.NoUnit,
      width: 6,
      queries: [
        { expr: `count(${tips})`, legend: "different" },
        { expr: `max(${tips})`, legend: "on the commonest" },
        { expr: conflicts, legend: "conflicts, 6 deep" },
      ],
    }),
    barGauge({
      title: "Nodes on each tip",
      description:
        "A bar for each tip, named by its fingerprint: the last five hex digits of its hash, as a decimal number.",
      unit: units.NoUnit,
      width: 6,
      queries: [{ expr: tips, legend: "{{tip}}" }],
    }),
  ],
};

const forks: DashboardSpec["rows"][number] = {
  title: "Forks",
  panels: [
    bars({
      title: "Forks",
      description: "Heights that came to have a second block, as the node sees it that sees most.",
      unit: units.NoUnit,
      width: 8,
      queries: [{ expr: `max(${chosen.increase("forklab_forks_seen_total")})`, legend: "forked heights" }],
    }),
    lines({
      title: "Stale rate",
      description:
        "Share of the blocks held that are not on the best chain: over all chosen nodes, and at the node with most.",
      unit: units.PercentUnit,
      width: 8,
      thresholds: { warn: 0.1, alarm: 0.3 },
      queries: [
        { expr: `avg(${staleRatio})`, legend: "mean" },
        { expr: `max(${staleRatio})`, legend: "highest" },
      ],
    }),
    bars({
      title: "Reorganisations by depth",
      description:
        "Changes of tip that left blocks behind, at any node, by how many blocks. Deep ones undo what users took for confirmed.",
      unit: units.NoUnit,
      width: 8,
      queries: [
        {
          expr: `sum by (depth) (${chosen.increase("forklab_reorganisations_total")})`,
          legend: "{{depth}} deep",
        },
      ],
    }),
  ],
};

const work: DashboardSpec["rows"][number] = {
  title: "Work",
  panels: [
    lines({
      title: "Hash rate, total",
      description:
        "Asked of the chosen nodes and achieved by them. A gap between the two: the machine does not keep up.",
      unit: units.HashesPerSecond,
      width: 6,
      queries: [
        { expr: `sum(${achieved})`, legend: "achieved" },
        { expr: `sum(${asked})`, legend: "asked" },
      ],
    }),
    lines({
      title: "Hash rate by node",
      description: "What each node tried over the last second.",
      unit: units.HashesPerSecond,
      width: 6,
      queries: [{ expr: achieved, legend: "{{node}}" }],
    }),
    lines({
      title: "Block interval",
      description:
        "Mean of the last 20 blocks against what it should be: the target of the rule, or, where difficulty is fixed, what it makes of the hash rate. " +
        "Twenty blocks scatter by a fifth.",
      unit: units.Seconds,
      width: 6,
      queries: [
        { expr: `avg(${interval})`, legend: "mean of 20 blocks" },
        { expr: expectedInterval, legend: "expected" },
      ],
    }),
    lines({
      title: "Difficulty",
      description: "Leading zero bits that a block's hash needs: one more doubles the work.",
      unit: units.NoUnit,
      width: 6,
      queries: [
        { expr: `max(${chosen.series("forklab_difficulty_bits")})`, legend: "bits, highest" },
        { expr: `min(${chosen.series("forklab_difficulty_bits")})`, legend: "bits, lowest" },
      ],
    }),
  ],
};

const spreading: DashboardSpec["rows"][number] = {
  title: "Spreading",
  panels: [
    lines({
      title: "Propagation",
      description:
        "From a block's header time to its arrival, at all chosen nodes: 50, 90 and 99 %. Where blocks are hashed, up to a second of it is the age " +
        "of the work. Empty for a moment in which no block came.",
      unit: units.Seconds,
      width: 12,
      queries: [0.5, 0.9, 0.99].map((q) => ({
        expr: chosen.quantile(q, "forklab_block_propagation_seconds"),
        legend: `${q * 100} %`,
      })) as [{ expr: string; legend: string }],
    }),
    lines({
      title: "Peers by node",
      description: "Links that are up. A node without any mines for itself.",
      unit: units.NoUnit,
      width: 12,
      queries: [{ expr: peersUp, legend: "{{node}}" }],
    }),
  ],
};

/** The network as a whole: do its nodes agree, how often do they fork, how fast do blocks come and spread. */
export const networkDashboard = () =>
  makeDashboard({
    id: "network",
    title: "Network",
    description: "Do the nodes agree, how often do they fork, how fast do blocks come and spread.",
    nodes: "many",
    rows: [now, agreement, forks, work, spreading],
  });
