import * as units from "@grafana/grafana-foundation-sdk/units";
import { type DashboardSpec, makeDashboard } from "./dashboard.ts";
import { bars, lines, stat } from "./panels.ts";
import { chosen, network } from "./promql.ts";

const height = chosen.series("forklab_chain_height_blocks");
const behind = chosen.series("forklab_sync_behind_blocks");
const errors = chosen.increase("forklab_http_requests_total", { status: { regex: "[45].." } });
/** A node that is late by this cannot be trusted with times of milliseconds; docs/results.md has the same bounds. */
const LAG = { warn: 0.02, alarm: 0.05 };

const now: DashboardSpec["rows"][number] = {
  title: "Now",
  panels: [
    stat({
      title: "Height",
      description: "Height of the node's tip.",
      unit: units.NoUnit,
      width: 4,
      queries: [{ expr: height, legend: "height" }],
    }),
    stat({
      title: "Behind",
      description:
        "Blocks between the tip and the best chain whose headers the node knows: 0 when it is in sync.",
      unit: units.NoUnit,
      width: 4,
      thresholds: { warn: 2, alarm: 6 },
      queries: [{ expr: behind, legend: "behind" }],
    }),
    stat({
      title: "Age of the tip",
      description: "Since its header time, by the node's clock.",
      unit: units.Seconds,
      width: 4,
      queries: [{ expr: chosen.series("forklab_tip_age_seconds"), legend: "age" }],
    }),
    stat({
      title: "Peers",
      description: "Links that are up.",
      unit: units.NoUnit,
      width: 4,
      thresholds: { warn: 2, alarm: 1 },
      queries: [{ expr: chosen.series("forklab_peers", { state: "up" }), legend: "up" }],
    }),
    stat({
      title: "Up for",
      description: "Since the start of the process.",
      unit: units.Seconds,
      width: 4,
      queries: [{ expr: `time() - ${chosen.series("process_start_time_seconds")}`, legend: "up" }],
    }),
    stat({
      title: "Version and chain",
      description: "What the node runs, how its blocks are sealed, and the name of its chain.",
      unit: units.NoUnit,
      width: 4,
      named: true,
      queries: [{ expr: chosen.series("forklab_node_info"), legend: "{{version}}, {{seal}}, {{chain}}" }],
    }),
  ],
};

const process: DashboardSpec["rows"][number] = {
  title: "Process",
  panels: [
    lines({
      title: "Event loop",
      description:
        "By how much timers came late in the last second. Over 20 ms look at the machine; over 50 ms do not trust delays.",
      unit: units.Seconds,
      width: 8,
      thresholds: LAG,
      queries: [
        { expr: chosen.series("forklab_event_loop_lag_seconds", { quantile: "0.5" }), legend: "50 %" },
        { expr: chosen.series("forklab_event_loop_lag_seconds", { quantile: "0.99" }), legend: "99 %" },
      ],
    }),
    lines({
      title: "Memory",
      description: "All that is resident, and of it the JavaScript heap and the buffers outside it.",
      unit: units.BytesSI,
      width: 8,
      queries: [
        { expr: chosen.series("process_resident_memory_bytes"), legend: "resident" },
        { expr: chosen.series("nodejs_heap_size_total_bytes"), legend: "heap" },
        { expr: chosen.series("nodejs_heap_size_used_bytes"), legend: "heap in use" },
        { expr: chosen.series("nodejs_external_memory_bytes"), legend: "buffers" },
      ],
    }),
    lines({
      title: "Processor",
      description: "Cores in use, all threads: 100 % is one core.",
      unit: units.PercentUnit,
      width: 8,
      queries: [{ expr: chosen.rate("process_cpu_seconds_total"), legend: "in use" }],
    }),
  ],
};

const http: DashboardSpec["rows"][number] = {
  title: "HTTP",
  panels: [
    lines({
      title: "Requests by route",
      description: "Answered per second, by the pattern of the route. Peers' messages are /p2p/messages.",
      unit: units.RequestsPerSecond,
      width: 8,
      queries: [
        { expr: `sum by (route) (${chosen.rate("forklab_http_requests_total")}) > 0`, legend: "{{route}}" },
      ],
    }),
    bars({
      title: "Errors by route",
      description:
        "Answers with a status of 400 and more, by route where there were any. Those of 500 are mistakes of ours, and end the node.",
      unit: units.NoUnit,
      width: 8,
      queries: [
        // Without an error one line at 0 for each status, instead of one for each route.
        {
          expr: `(sum by (route, status) (${errors}) > 0) or on (status) sum by (status) (${errors})`,
          legend: "{{status}} {{route}}",
        },
      ],
    }),
    lines({
      title: "Time to answer",
      description: "All routes together: 50 and 99 %, as exact as the buckets are.",
      unit: units.Seconds,
      width: 8,
      queries: [
        { expr: chosen.quantile(0.5, "forklab_http_request_seconds"), legend: "50 %" },
        { expr: chosen.quantile(0.99, "forklab_http_request_seconds"), legend: "99 %" },
      ],
    }),
  ],
};

const chain: DashboardSpec["rows"][number] = {
  title: "Chain and sync",
  panels: [
    lines({
      title: "Height against the network",
      description: "The node's tip, and the highest of all nodes.",
      unit: units.NoUnit,
      width: 8,
      queries: [
        { expr: height, legend: "this node" },
        { expr: `max(${network.series("forklab_chain_height_blocks")})`, legend: "highest of all" },
      ],
    }),
    lines({
      title: "Sync",
      description:
        "Heights to go, bodies that were asked for, and bodies that wait for an ancestor's: all 0 in a node that is in sync.",
      unit: units.NoUnit,
      width: 8,
      queries: [
        { expr: behind, legend: "behind" },
        { expr: chosen.series("forklab_sync_bodies", { state: "asked" }), legend: "asked for" },
        { expr: chosen.series("forklab_sync_bodies", { state: "waiting" }), legend: "waiting" },
      ],
    }),
    bars({
      title: "Blocks",
      description: "Made by this node, and received from others and valid.",
      unit: units.NoUnit,
      width: 8,
      queries: [
        { expr: chosen.increase("forklab_blocks_mined_total"), legend: "mined" },
        { expr: chosen.increase("forklab_blocks_received_total"), legend: "received" },
      ],
    }),
  ],
};

const links: DashboardSpec["rows"][number] = {
  title: "Mining and links",
  panels: [
    lines({
      title: "Hash rate",
      description: "Asked of the node, and tried by it over the last second.",
      unit: units.HashesPerSecond,
      width: 8,
      queries: [
        {
          expr: chosen.series("forklab_hash_rate_hashes_per_second", { kind: "achieved" }),
          legend: "achieved",
        },
        { expr: chosen.series("forklab_hash_rate_hashes_per_second", { kind: "asked" }), legend: "asked" },
      ],
    }),
    lines({
      title: "Sent to peers",
      description: "Bytes of messages that were handed to links, padding included.",
      unit: units.BytesPerSecondSI,
      width: 8,
      queries: [{ expr: chosen.rate("forklab_message_bytes_sent_total"), legend: "sent" }],
    }),
    lines({
      title: "Lateness of delayed messages",
      description:
        "By how much messages were handed over later than their drawn delay said. Empty while none is delayed.",
      unit: units.Seconds,
      width: 8,
      thresholds: LAG,
      queries: [
        { expr: chosen.quantile(0.5, "forklab_shaper_lateness_seconds"), legend: "50 %" },
        { expr: chosen.quantile(0.99, "forklab_shaper_lateness_seconds"), legend: "99 %" },
      ],
    }),
  ],
};

const discovery: DashboardSpec["rows"][number] = {
  title: "Discovery",
  panels: [
    lines({
      title: "Known nodes",
      description:
        "Nodes that others are told of, and nodes that were heard of or failed and are asked again. 0 where links are configured and nobody introduces itself.",
      unit: units.NoUnit,
      width: 8,
      queries: [
        { expr: chosen.series("forklab_known_nodes", { state: "listed" }), legend: "listed" },
        { expr: chosen.series("forklab_known_nodes", { state: "tried" }), legend: "tried" },
      ],
    }),
    bars({
      title: "Refreshes by outcome",
      description:
        "How looking for others ended: enough nodes are known, some, or none. One comes in each --update-interval; without a registry none does.",
      unit: units.NoUnit,
      width: 8,
      queries: [
        {
          expr: `sum by (outcome) (${chosen.increase("forklab_discovery_refreshes_total")})`,
          legend: "{{outcome}}",
        },
      ],
    }),
    bars({
      title: "Discovery without an answer",
      description:
        "Requests that failed: check asks a known node whether it lives, introduce goes to the registry, nodes asks whom one knows.",
      unit: units.NoUnit,
      width: 8,
      queries: [
        { expr: `sum by (ask) (${chosen.increase("forklab_discovery_failures_total")})`, legend: "{{ask}}" },
      ],
    }),
  ],
};

/** One node in detail: is it healthy, is it in sync, what does it do. */
export const nodeDashboard = () =>
  makeDashboard({
    id: "node",
    title: "Node",
    description: "One node in detail: is it healthy, is it in sync, what does it do.",
    nodes: "one",
    rows: [now, process, http, chain, links, discovery],
  });
