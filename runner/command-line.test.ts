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
      observe: null,
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
      observe: null,
    },
  });
});

test("a run is observed at an address of one's own, or at the usual one, and at nothing that is none", () => {
  const observe = (...words: string[]) => {
    const parsed = parseCommandLine(["x.yaml", "--observe", ...words]);
    return parsed.kind === "run" ? parsed.options.observe : parsed.status;
  };
  expect(observe()).toEqual({ host: "127.0.0.1", port: 9464 });
  expect(observe("0.0.0.0:9999")).toEqual({ host: "0.0.0.0", port: 9999 });
  expect(observe("[::1]:0")).toEqual({ host: "::1", port: 0 });
  for (const word of ["9464", "localhost:70000", ":80", "a b:80"])
    expect([word, observe(word)]).toEqual([word, 3]);
});

test("the command that repeats a run reads back as the same words in a shell", () => {
  const word = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" });
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 3 }), word, (file, overrides, seed) => {
      const options = {
        file,
        backend: "sim",
        seed,
        overrides,
        out: "results",
        quiet: false,
        observe: null,
      } as const;
      const text = repeatCommand(options, seed).replace("npm run", 'printf "%s\\0"');
      const words = execFileSync("/bin/sh", ["-c", text], { encoding: "utf8" }).split("\0").slice(0, -1);
      const sets = overrides.flatMap((override) => ["--set", override]);
      expect(words).toEqual(["scenario", file, "--", "--on", "sim", "--seed", seed, ...sets]);
    }),
    { numRuns: 50 },
  );
});
