import * as units from "@grafana/grafana-foundation-sdk/units";
import { type DashboardSpec, makeDashboard } from "./dashboard.ts";
import { barGauge, bars, lines, stat, stateTimeline } from "./panels.ts";
import { network, orNetwork, orNoRunNamed, observedRun as run } from "./promql.ts";

const NO_RUN = "no run is observed: start one with --observe";
const info = run.series("forklab_run_info");
/** Without labels on either side, so that a line goes on from the time before the run. */
const figure = (series: string, ofNetwork: string) => orNetwork(`max(${series})`, ofNetwork);
const transactions = (stage: string, ofNetwork: string) =>
  figure(run.series("forklab_run_transactions_total", { stage }), ofNetwork);

const networkAge = `time() - min(${network.series("process_start_time_seconds")})`;
const networkTips = `count(count_values("tip", ${network.series("forklab_tip_fingerprint")}))`;
const networkRate = (kind: string) =>
  `sum(${network.series("forklab_hash_rate_hashes_per_second", { kind })})`;
const accepted = `sum(${network.series("forklab_transactions_accepted_total")})`;
const refused = `sum(${network.series("forklab_transactions_refused_total")})`;
/** Nobody planned what users submit to a network: all that came was due. */
const submitted = `${accepted} + ${refused}`;

const identity: DashboardSpec["rows"][number] = {
  title: "The run",
  panels: [
    stat({
      title: "Scenario",
      description:
        "Name of the scenario that runs. While none is observed, this dashboard shows the network as it is.",
      unit: units.NoUnit,
      width: 6,
      named: true,
      queries: [{ expr: orNoRunNamed(info, "scenario", NO_RUN), legend: "{{scenario}}" }],
    }),
    stat({
      title: "Phase",
      description: "What the timeline is doing now.",
      unit: units.NoUnit,
      width: 4,
      named: true,
      queries: [
        {
          expr: orNoRunNamed(`${run.series("forklab_run_phase")} == 1`, "phase", "none"),
          legend: "{{phase}}",
        },
      ],
    }),
    stat({
      title: "Seed",
      description: "Repeat the run with it.",
      unit: units.NoUnit,
      width: 3,
      named: true,
      queries: [{ expr: orNoRunNamed(info, "seed", "none"), legend: "{{seed}}" }],
    }),
    stat({
      title: "Backend",
      description: "Where the nodes run.",
      unit: units.NoUnit,
      width: 3,
      named: true,
      queries: [{ expr: orNoRunNamed(info, "backend", "none"), legend: "{{backend}}" }],
    }),
    stat({
      title: "Time",
      description:
        "Since the start of the run, and how long it is to take. Without a run: since the first of the nodes started, which has no end.",
      unit: units.Seconds,
      width: 4,
      queries: [
        { expr: figure(run.series("forklab_run_elapsed_seconds"), networkAge), legend: "so far" },
        { expr: figure(run.series("forklab_run_duration_seconds"), networkAge), legend: "in all" },
      ],
    }),
    stat({
      title: "Faults not confirmed",
      description:
        "Faults that were not carried out, or that no probe saw. One is enough to distrust the run.",
      unit: units.NoUnit,
      width: 4,
      thresholds: { warn: 1, alarm: 2 },
      queries: [
        {
          expr: `sum(${run.series("forklab_run_faults_unconfirmed_total")}) or on() vector(0)`,
          legend: "faults",
        },
      ],
    }),
  ],
};

const course: DashboardSpec["rows"][number] = {
  title: "Course",
  panels: [
    lines({
      title: "Height and forks",
      description:
        "Height of the highest block, and heights with more than one, as the run's journal has them; without a run, as the nodes do. Red lines are faults.",
      unit: units.NoUnit,
      width: 16,
      height: 10,
      queries: [
        {
          expr: figure(
            run.series("forklab_run_height_blocks"),
            `max(${network.series("forklab_chain_height_blocks")})`,
          ),
          legend: "height",
        },
        {
          expr: figure(
            run.series("forklab_run_forks_total"),
            `max(${network.series("forklab_forks_seen_total")})`,
          ),
          legend: "forks",
        },
      ],
    }),
    stateTimeline({
      title: "Phase",
      description:
        "What the timeline was doing: a bar for as long as it did. Links can be cut while nodes are down.",
      unit: units.NoUnit,
      width: 8,
      height: 10,
      queries: [
        { expr: orNoRunNamed(run.series("forklab_run_phase"), "phase", "none"), legend: "{{phase}}" },
      ],
    }),
    lines({
      title: "Tips",
      description: "Different tips of the nodes that are up.",
      unit: units.NoUnit,
      width: 8,
      queries: [{ expr: figure(run.series("forklab_run_tips"), networkTips), legend: "tips" }],
    }),
    bars({
      title: "Reorganisations by depth",
      description: "At any node, as the run's journal has them; without a run, as the nodes count them.",
      unit: units.NoUnit,
      width: 8,
      queries: [
        {
          expr: orNetwork(
            `sum by (depth) (${run.increase("forklab_run_reorganisations_total")})`,
            `sum by (depth) (${network.increase("forklab_reorganisations_total")})`,
          ),
          legend: "{{depth}} deep",
        },
      ],
    }),
    barGauge({
      title: "Faults so far",
      description: "Lines of the timeline that were carried out, by their word.",
      unit: units.NoUnit,
      width: 8,
      queries: [
        {
          expr: orNoRunNamed(`sum by (word) (${run.series("forklab_run_faults_total")})`, "word", "none"),
          legend: "{{word}}",
        },
      ],
    }),
  ],
};

const promise: DashboardSpec["rows"][number] = {
  title: "Asked and achieved",
  panels: [
    lines({
      title: "Hash rate",
      description: "Asked of all nodes, and achieved by them. The run ends as unknown if they part too far.",
      unit: units.HashesPerSecond,
      width: 6,
      queries: [
        {
          expr: figure(
            run.series("forklab_run_hash_rate_hashes_per_second", { kind: "achieved" }),
            networkRate("achieved"),
          ),
          legend: "achieved",
        },
        {
          expr: figure(
            run.series("forklab_run_hash_rate_hashes_per_second", { kind: "asked" }),
            networkRate("asked"),
          ),
          legend: "asked",
        },
      ],
    }),
    lines({
      title: "Transactions",
      description:
        "Since the start: due by the plan, handed to nodes, accepted by them. Without a run nothing is planned, and all that came was due.",
      unit: units.NoUnit,
      width: 6,
      queries: [
        { expr: transactions("due", submitted), legend: "due" },
        { expr: transactions("submitted", submitted), legend: "submitted" },
        { expr: transactions("accepted", accepted), legend: "accepted" },
        { expr: transactions("refused", refused), legend: "refused" },
      ],
    }),
    lines({
      title: "Nodes",
      description:
        "Nodes of the plan, and those that are up. Without a run: nodes that Prometheus knows, and those that answer.",
      unit: units.NoUnit,
      width: 6,
      queries: [
        {
          expr: figure(run.series("forklab_run_nodes", { state: "up" }), `sum(${network.series("up")})`),
          legend: "up",
        },
        {
          expr: figure(
            run.series("forklab_run_nodes", { state: "planned" }),
            `count(${network.series("up")})`,
          ),
          legend: "planned",
        },
      ],
    }),
    lines({
      title: "Event loop, worst node",
      description:
        "By how much timers came late there, 99th percentile of a second. Over 50 ms its times are not to be trusted.",
      unit: units.Seconds,
      width: 6,
      thresholds: { warn: 0.02, alarm: 0.05 },
      queries: [
        {
          expr: figure(
            run.series("forklab_run_event_loop_lag_seconds"),
            `max(${network.series("forklab_event_loop_lag_seconds", { quantile: "0.99" })})`,
          ),
          legend: "99 %",
        },
      ],
    }),
  ],
};

/**
 * The run that the runner drives and lets be seen: what was asked, what happened, what went wrong on purpose. Without one it shows the same figures
 * of the network, as far as a network has them, and says that it does.
 */
export const experimentDashboard = () =>
  makeDashboard({
    id: "experiment",
    title: "Experiment",
    description:
      "The run that the runner drives and lets be seen (--observe): what was asked, what happened, what went wrong on purpose. Without a run, the network.",
    nodes: "none",
    rows: [identity, course, promise],
  });
