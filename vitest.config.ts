import { defineConfig } from "vitest/config";

/** Where a machine-readable report goes as well, for a continuous integration that counts. */
const jsonFile = process.env.VITEST_JSON;

/**
 * Unit tests stand beside their sources; suites that need more than one module stand in test/.
 * Two workers at most: the suites that start real nodes share two cores with them.
 */
export default defineConfig({
  test: {
    include: ["{node,runner,bench,test}/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: jsonFile === undefined ? ["default"] : ["default", "json"],
    ...(jsonFile === undefined ? {} : { outputFile: { json: jsonFile } }),
  },
});
