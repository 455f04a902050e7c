import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { realRuns } from "../support/real-runs.ts";

/** The system gives a process only so many open files (`ulimit -n`); a runner has some for every node. */

const runs = realRuns();

/** The command that follows has no more than so many. */
const withOpenFiles = (countMax: number) => [
  "/bin/sh",
  "-c",
  `ulimit -n ${countMax}; exec "$0" "$@"`,
  process.execPath,
];

test("a run that needs more open files than there are ends with 4 and the reason, and takes along the nodes that were up", async () => {
  const file = await runs.scenario("many", "duration: 5s\nnodes: { count: 12, hashRate: 1kH/s }\n");
  // Two for each node and some thirty of Node.js itself: a few nodes come up, all of them cannot.
  const run = runs.start(file, [...withOpenFiles(40), "runner/main.ts"]);
  expect(await run.status).toBe(4);
  expect(run.said.stderr).toMatch(/^The run could not start: .*EMFILE/m);
  expect(run.said.stderr).not.toContain("The testbed failed");
  expect(await runs.nodesAlive()).toEqual([]);
}, 90_000);

test("a watchdog that cannot be started is missed by nobody until the runner dies", async () => {
  const watchdog = new URL("../../runner/backends/processes/watchdog.ts", import.meta.url).href;
  const script = `
    import { openSync } from "node:fs";
    import { Watchdog } from "${watchdog}";
    let refusal = "";
    while (refusal === "")
      try { openSync("/dev/null"); } catch (error) { refusal = error.code; }
    const watchdog = new Watchdog();
    watchdog.watch(4);
    watchdog.forget(4);
    watchdog.end();
    setImmediate(() => console.log(refusal));
  `;
  const [command = "", ...words] = [...withOpenFiles(64), "--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(command, words);
  expect(stdout).toBe("EMFILE\n");
});
