import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const out = mkdtempSync(join(tmpdir(), "forklab-compare-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const folders = new Map<string, string>();

function simulate(name: string, ...words: string[]): void {
  const args = [
    "runner/main.ts",
    "scenarios/baseline.yaml",
    "--on",
    "sim",
    "--quiet",
    "--out",
    out,
    ...words,
  ];
  const said = execFileSync(process.execPath, args, { encoding: "utf8" });
  folders.set(name, said.trim().split(" ")[1] ?? "");
}

const compare = (...names: string[]) =>
  spawnSync(
    process.execPath,
    ["runner/compare/main.ts", ...names.map((name) => folders.get(name) ?? name), "--seeds", "20"],
    { encoding: "utf8" },
  );

beforeAll(() => {
  simulate("one", "--seed", "1");
  simulate("other seed", "--seed", "2");
  simulate("slow", "--seed", "1", "--set", "network.latency.median=120ms", "--set", "expect={}");
});

test("two runs that differ in their seed agree", () => {
  const { stdout, status } = compare("one", "other seed");
  expect(stdout).toContain("Both of the same scenario.");
  expect(stdout).toContain("Verdict: agree.");
  expect(status).toBe(0);
});

test("a slower network is told from chance, and the key that was changed is named", () => {
  const { stdout, status } = compare("one", "slow");
  expect(stdout).toContain("differ in network.latency.median");
  expect(stdout).toMatch(/propagation .* DIFFER/);
  expect(status).toBe(1);
});

test("a folder that is not one of results is a clear error", () => {
  const { stderr, status } = compare("one", join(out, "nothing"));
  expect(stderr).toContain(`${join(out, "nothing", "manifest.json")} cannot be read`);
  expect(status).toBe(3);
});
