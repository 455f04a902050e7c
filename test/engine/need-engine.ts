import Docker from "dockerode";
import { describe, test } from "vitest";

// Where no image can be pulled there is no Ryuk either; the suites remove what they made.
process.env.TESTCONTAINERS_RYUK_DISABLED = "true";

/** An engine that is there answers in milliseconds; one that starts just now may take some seconds. */
const HELLO_TIMEOUT_MS = 10_000;

/** Why no engine can be used, or null. */
const absence: string | null = await new Docker({ timeout: HELLO_TIMEOUT_MS }).ping().then(
  () => null,
  (error: unknown) => (error instanceof Error ? error.message : String(error)),
);

/**
 * A suite that runs containers. Without an engine it is skipped, and says so; in continuous integration (CI=true), where nobody reads what
 * was skipped, a missing engine is a failed test.
 */
export function engineSuite(name: string, body: () => void): void {
  if (absence === null) return void describe(name, body);
  if (process.env.CI === "true")
    return void test(`${name}: has an engine`, () => {
      throw new Error(`continuous integration needs a Docker engine: ${absence}`);
    });
  console.log(`skipped, since no Docker engine answers (${absence}): ${name}`);
  describe.skip(name, body);
}
