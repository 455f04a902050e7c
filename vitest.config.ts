import { configDefaults, defineConfig } from "vitest/config";

/** Where a machine-readable report goes as well, for a continuous integration that counts. */
const jsonFile = process.env.VITEST_JSON;

/** Suites that run containers. */
const ENGINE_TESTS = "test/engine/**/*.test.ts";

/** Suites that look at pages in a browser. */
const WEB_TESTS = "test/web/**/*.test.ts";

/**
 * Unit tests stand beside their sources; suites that need more than one module stand in test/.
 * Two workers at most: the suites that start real nodes share two cores with them. A browser fills both by itself, so its suites come after. The suites that run containers come last and one at a time,
 * since they measure times and fill both cores by themselves.
 */
export default defineConfig({
  test: {
    pool: "forks",
    // A bound for what hangs, not a measure of speed: a machine that is busy with something else takes several times as long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: jsonFile === undefined ? ["default"] : ["default", "json"],
    ...(jsonFile === undefined ? {} : { outputFile: { json: jsonFile } }),
    projects: [
      {
        extends: true,
        test: {
          name: "house",
          include: ["{node,runner,bench,test,dashboards}/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ENGINE_TESTS, WEB_TESTS],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "web", include: [WEB_TESTS], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: { name: "engine", include: [ENGINE_TESTS], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
