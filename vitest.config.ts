import { defineConfig } from "vitest/config";

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
  },
});
