import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** The command line as a user has it: a process of its own, judged by its exit status and by what it says. */

const GOOD = `name: tiny
seed: 3
duration: 20s
nodes: { count: 3, hashRate: 20kH/s }
chain: { difficulty: 15 }
transactions: { rate: 2/s, confirmations: 2 }
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forklab-cli-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function scenarioOf(text: string): Promise<string> {
  const file = join(folder, "scenario.yaml");
  await writeFile(file, text);
  return file;
}

/** What was said has the scenario's path taken out, since it differs from run to run. */
async function forklab(...words: string[]) {
  const child = spawn(process.execPath, ["runner/main.ts", ...words, "--out", join(folder, "results")]);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const clean = (text: string) => text.replaceAll(`${folder}/`, "").trimEnd();
  return { status, stdout: clean(stdout), stderr: clean(stderr) };
}

test("a scenario whose expectations are met exits with 0 and leaves its folder", async () => {
  const file = await scenarioOf(`${GOOD}expect: { staleRate: { max: 100% } }\n`);
  const ran = await forklab(file, "--on", "sim");
  expect(ran.status).toBe(0);
  expect(ran.stdout.split("\n")[0]).toMatch(
    /^tiny: 3 nodes for 20 s, simulated, seed 3\. Results go to results\/tiny\/\d{8}-\d{6}-seed-3$/,
  );
  const latest = join(folder, "results", "tiny", "latest");
  expect(await readdir(latest)).toEqual(
    expect.arrayContaining(["blocks.csv", "events.csv", "manifest.json", "summary.csv", "verdict.json"]),
  );
  const manifest: unknown = JSON.parse(await readFile(join(latest, "manifest.json"), "utf8"));
  expect(manifest).toMatchObject({ backend: "sim", seed: "3" });
});

test("an expectation that is not met exits with 1", async () => {
  const file = await scenarioOf(`${GOOD}expect: { reorgDepth: { min: 1000 } }\n`);
  const ran = await forklab(file, "--on", "sim", "--quiet");
  expect(ran).toMatchObject({ status: 1, stderr: "" });
  expect(ran.stdout).toMatch(/^invalid results\/tiny\//);
});

test("one seed leaves the same events twice, another leaves others", async () => {
  const file = await scenarioOf(GOOD);
  const eventsOf = async (seed: string) => {
    await forklab(file, "--on", "sim", "--quiet", "--seed", seed);
    return await readFile(join(folder, "results", "tiny", "latest", "events.csv"), "utf8");
  };
  const first = await eventsOf("5");
  expect(await eventsOf("5")).toBe(first);
  expect(await eventsOf("6")).not.toBe(first);
});

test.each([
  ["a file that is not there", null, /^missing\.yaml:1:1: cannot be read: ENOENT/],
  ["a file that is not YAML", "name: [", /^scenario\.yaml:1:8: not a YAML file that can be read: /],
  [
    "an unknown key",
    `${GOOD}duraton: 3s\n`,
    /^scenario\.yaml:7:1: duraton: unknown key; did you mean "duration"\?/,
  ],
  [
    "a number without its unit",
    GOOD.replace("20s", "20"),
    /^scenario\.yaml:3:11: duration: expected a duration with its unit, such as "250ms" .*, found 20$/,
  ],
  [
    "a node in two groups",
    `${GOOD}timeline: [{ at: 5s, partition: [[0, 1], [1, 2]] }]\n`,
    /^scenario\.yaml:7:42: timeline\.0\.partition\.1: node 1 is in an earlier group already$/,
  ],
])("%s exits with 3, and says where and what", async (_what, text, message) => {
  const file = text === null ? join(folder, "missing.yaml") : await scenarioOf(text);
  const ran = await forklab(file, "--on", "sim");
  expect(ran).toMatchObject({ status: 3, stdout: "" });
  expect(ran.stderr.split("\n")[0]).toMatch(message);
});

test("a command line that is wrong exits with 3 and says what there is", async () => {
  expect(await forklab()).toMatchObject({
    status: 3,
    stderr: "error: missing required argument 'FILE'\n(npm run scenario -- --help shows what there is)",
  });
  expect(await forklab("x.yaml", "--on", "swarm")).toMatchObject({
    status: 3,
    stderr:
      "error: option '--on <backend>' argument 'swarm' is invalid. Allowed choices are processes, docker, sim.\n(npm run scenario -- --help shows what there is)",
  });
  expect((await forklab("x.yaml", "--speed", "3")).stderr).toContain("error: unknown option '--speed'");
});

test.each([
  ["sim", "the simulator has none"],
  ["processes", "processes share the kernel's one network"],
])("links shaped by the kernel are refused on %s before anything starts", async (on, why) => {
  const ran = await forklab(await scenarioOf(GOOD), "--on", on, "--set", "network.enforce=kernel");
  expect(ran).toMatchObject({ status: 3, stdout: "" });
  expect(ran.stderr).toMatch(/^scenario\.yaml: network\.enforce is kernel, but /);
  expect(ran.stderr).toContain(why);
  expect(ran.stderr).toContain("leave it at node, or run with --on docker");
});

test("what no kernel can shape is refused on docker before an engine is looked for", async () => {
  const words = ["--set", "network.enforce=kernel", "--set", "network.latency=3s"];
  const ran = await forklab(await scenarioOf(GOOD), "--on", "docker", ...words);
  expect(ran).toMatchObject({ status: 3, stdout: "" });
  expect(ran.stderr).toMatch(
    /^scenario\.yaml: network\.enforce is kernel, and the latency between node-0 and/,
  );
});

test("help goes to stdout and exits with 0", async () => {
  const ran = await forklab("--help");
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  expect(ran.stdout).toContain("Usage: npm run scenario FILE -- [options]");
  expect(ran.stdout).toContain("3 bad scenario or command line     4 the testbed failed");
});

test("a change by --set that has no place is told with the change", async () => {
  const ran = await forklab(await scenarioOf(GOOD), "--set", "nodes.count=many", "--on", "sim");
  expect(ran.status).toBe(3);
  expect(ran.stderr).toBe('--set nodes.count=many: nodes.count: expected a number, found "many"');
});
