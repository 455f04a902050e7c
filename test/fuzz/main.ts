import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

/** Attacks a node. Usage: npm run test:fuzz -- [--runs 20000] [--seed N] */
const { values } = parseArgs({
  options: { runs: { type: "string", default: "20000" }, seed: { type: "string" } },
});
const seed = Number(values.seed ?? randomInt(2 ** 31));
console.log(`npm run test:fuzz -- --runs ${values.runs} --seed ${seed}`);
const startMs = performance.now();
const { statuses } = await fuzz(Number(values.runs), seed);
const counts = [...statuses].sort().map(([status, count]) => `${status}=${count}`);
console.log(
  `${values.runs} attacks in ${((performance.now() - startMs) / 1_000).toFixed(0)} s, the chain is as it was: ${counts.join(" ")}`,
);
