import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./median.ts";

/**
 * How fast the simulator is: the real host and core on 600 to 50,000 nodes, in turn with a bare event loop, so that the ratio holds
 * though the machine's speed drifts. Prints each run, then a line of medians for each size, which ends in `deliveries_per_s=N`.
 * Usage: npm run bench:sim -- [--runs 3] [--nodes 600,6000,10000,50000] [--blocks 100]
 */
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    nodes: { type: "string", default: "600,6000,10000,50000" },
    blocks: { type: "string", default: "100" },
  },
});
const runCount = Number(values.runs);
const processor = cpus()[0]?.model.trim() ?? "unknown";

console.log(
  `# ${processor}, ${cpus().length} cores, Node ${process.version}; ${values.blocks} blocks, medians of ${runCount}`,
);
for (const nodes of values.nodes.split(",")) {
  const ratios: number[] = [];
  const simulated: Figures[] = [];
  const bare: Figures[] = [];
  for (let run = 0; run < runCount; run++) {
    bare.push(measure("bare-loop.ts", nodes));
    simulated.push(measure("sim-run.ts", nodes));
    ratios.push(figure(simulated.at(-1), "deliveries_per_s") / figure(bare.at(-1), "deliveries_per_s"));
  }
  const of = (runs: Figures[], name: string) => median(runs.map((figures) => figure(figures, name)));
  console.log(
    [
      `nodes=${nodes}`,
      `ratio_to_bare_loop=${median(ratios).toFixed(2)}`,
      `bare_loop_deliveries_per_s=${Math.round(of(bare, "deliveries_per_s"))}`,
      `events_per_delivery=${of(simulated, "events_per_delivery").toFixed(1)}`,
      `events_per_s=${Math.round(of(simulated, "events_per_s"))}`,
      `peak_mb=${Math.round(of(simulated, "peak_mb"))}`,
      `deliveries_per_s=${Math.round(of(simulated, "deliveries_per_s"))}`,
    ].join(" "),
  );
}

type Figures = ReadonlyMap<string, number>;

/** One run in a process of its own, so that no run warms up or fragments another's memory. */
function measure(script: string, nodes: string): Figures {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const line = execFileSync(process.execPath, [file, nodes, values.blocks], { encoding: "utf8" }).trim();
  console.log(`#   ${script.padEnd(12)} ${line}`);
  return new Map(line.split(" ").map((pair) => [pair.split("=")[0] ?? "", Number(pair.split("=")[1])]));
}

function figure(figures: Figures | undefined, name: string): number {
  const value = figures?.get(name);
  if (value === undefined || Number.isNaN(value)) throw new Error(`a run printed no ${name}`);
  return value;
}
