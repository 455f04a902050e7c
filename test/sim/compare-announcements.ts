import type { Micros } from "../../node/core/support/micros.ts";
import type { Telemetry } from "../../node/ports/telemetry.ts";
import type { RandomScenario, Step } from "./random-scenario.ts";
import { World } from "./world.ts";

/** All that anybody can see of a run. */
export interface Trace {
  /** Every call of the telemetry, with its time and all that it says. */
  readonly calls: readonly string[];
  /** When something happened, ascending, each time once. */
  readonly timesUs: readonly Micros[];
  readonly sentMessages: readonly number[];
  readonly sentBytes: readonly number[];
  readonly tips: readonly string[];
  /** Of each block and node. */
  readonly statuses: readonly string[];
}

/** Runs the steps of a scenario and writes down what happens. */
export function traceOf(
  scenario: RandomScenario,
  steps: readonly Step[],
  everyAnnouncementAnEvent: boolean,
  onStart: (world: World) => void = () => undefined,
): Trace {
  const calls: string[] = [];
  const timesUs: Micros[] = [];
  const world = new World(scenario, { telemetry: tracing(calls, timesUs), everyAnnouncementAnEvent });
  onStart(world);
  world.runSteps(steps);
  const { simulation } = world;
  const { transport } = simulation;
  return {
    calls,
    timesUs,
    sentMessages: [...transport.sentMessages],
    sentBytes: [...transport.sentBytes],
    tips: simulation.hosts.map(({ machine }) => machine.tip.hash),
    statuses: [...new Set(blocksOf(calls))].map(
      (hash) => `${hash} ${simulation.tree.get(hash)?.beliefs.status.join("")}`,
    ),
  };
}

/**
 * Where the run with silent announcements first differs from the run in which each is an event; null when the two are
 * the same in all that can be seen.
 */
export function compareAnnouncements(scenario: RandomScenario, steps: readonly Step[]): string | null {
  return firstDifference(traceOf(scenario, steps, true), traceOf(scenario, steps, false));
}

export function firstDifference(asEvents: Trace, silent: Trace): string | null {
  for (const field of ["calls", "sentMessages", "sentBytes", "tips", "statuses"] as const) {
    const expected = asEvents[field];
    const actual = silent[field];
    const length = Math.max(expected.length, actual.length);
    for (let i = 0; i < length; i++)
      if (expected[i] !== actual[i])
        return `${field}[${i}]: as events ${expected[i] ?? "nothing"}, silent ${actual[i] ?? "nothing"}`;
  }
  return null;
}

function tracing(calls: string[], timesUs: Micros[]): Telemetry {
  const note = (atUs: Micros, text: string) => {
    calls.push(`${atUs} us ${text}`);
    if (timesUs.at(-1) !== atUs) timesUs.push(atUs);
  };
  return {
    blockMined: (view, block, atUs) => note(atUs, `node-${view} mined ${block.hash}`),
    blockReceived: (view, block, atUs) => note(atUs, `node-${view} received ${block.hash}`),
    blockRefused: (view, hash, violation, source, atUs) =>
      note(atUs, `node-${view} refused ${hash} of link ${source}: ${violation.code}`),
    tipChanged: (view, tip, previous, change, atUs) =>
      note(
        atUs,
        `node-${view} moved from ${previous.hash} to ${tip.hash}, -${change.disconnected.length} +${change.connected.length}`,
      ),
    noticed: (view, notice, atUs) => note(atUs, `node-${view} noticed ${JSON.stringify(notice)}`),
    transactionSubmitted: (view, { id }, violation, atUs) =>
      note(atUs, `node-${view} was handed ${id}: ${violation?.code ?? "taken"}`),
  };
}

function* blocksOf(calls: readonly string[]): Generator<string> {
  for (const call of calls) {
    const hash = call.match(/(?:mined|received) ([0-9a-f]{64})/)?.[1];
    if (hash !== undefined) yield hash;
  }
}
