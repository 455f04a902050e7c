import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseCommandLine, repeatCommand } from "./command-line.ts";

test("a file alone runs as processes, into results, with the scenario's own seed", () => {
  expect(parseCommandLine(["x.yaml"])).toEqual({
    kind: "run",
    options: {
      file: "x.yaml",
      backend: "processes",
      seed: null,
      overrides: [],
      out: "results",
      quiet: false,
    },
  });
});

test("every option is read, and --set may come as often as it is needed", () => {
  const words = "x.yaml --on sim --seed 7 --set a=1 --set b.c=2ms --out /tmp/r --quiet".split(" ");
  expect(parseCommandLine(words)).toEqual({
    kind: "run",
    options: {
      file: "x.yaml",
      backend: "sim",
      seed: "7",
      overrides: ["a=1", "b.c=2ms"],
      out: "/tmp/r",
      quiet: true,
    },
  });
});

test("the command that repeats a run reads back as the same words in a shell", () => {
  const word = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" });
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 3 }), word, (file, overrides, seed) => {
      const options = { file, backend: "sim", seed, overrides, out: "results", quiet: false } as const;
      const text = repeatCommand(options, seed).replace("npm run", 'printf "%s\\0"');
      const words = execFileSync("/bin/sh", ["-c", text], { encoding: "utf8" }).split("\0").slice(0, -1);
      const sets = overrides.flatMap((override) => ["--set", override]);
      expect(words).toEqual(["scenario", file, "--", "--on", "sim", "--seed", seed, ...sets]);
    }),
    { numRuns: 50 },
  );
});
