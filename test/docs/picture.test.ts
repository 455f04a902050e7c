import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "forklab-picture-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) =>
  execFileSync(process.execPath, words, { encoding: "utf8", stdio: "pipe" });

beforeAll(() => {
  run(
    "runner/main.ts",
    "scenarios/partition.yaml",
    "--on",
    "sim",
    "--seed",
    "42",
    "--out",
    folder,
    "--quiet",
  );
});

/** Simulated runs repeat, so a picture that differs was drawn by another simulator, or by another script. */
test("the picture of the README is what its commands draw", () => {
  const drawn = join(folder, "partition.svg");
  run("runner/report/picture.ts", join(folder, "partition", "latest"), drawn);
  const how =
    "npm run scenario scenarios/partition.yaml -- --on sim --seed 42 && npm run picture -- results/partition/latest docs/partition.svg";
  expect(
    readFileSync(drawn, "utf8") === readFileSync("docs/partition.svg", "utf8"),
    `out of date; run: ${how}`,
  ).toBe(true);
});

test("a folder that is none, and files that are not as they should be, are said", () => {
  const said = (...words: string[]) => {
    try {
      return run("runner/report/picture.ts", ...words);
    } catch (error) {
      return String((error as { stderr?: string }).stderr);
    }
  };
  expect(said()).toContain("usage: npm run picture");
  expect(said(join(folder, "nowhere"), "out.svg")).toContain("manifest.json");
  const blocks = join(folder, "partition", "latest", "blocks.csv");
  writeFileSync(blocks, readFileSync(blocks, "utf8").replace("mined_ms", "mined_s"));
  expect(said(join(folder, "partition", "latest"), "out.svg")).toMatch(
    /blocks\.csv is not as docs\/results\.md/,
  );
});
