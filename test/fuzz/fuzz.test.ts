import { expect, test } from "vitest";
import { checkAnswer, fuzz } from "./fuzz.ts";

/** `npm run test:fuzz -- --runs 20000` does more, with any seed. */
const RUNS = 500;

test("whatever is asked and whatever peers say, no mistake of the node's comes to light and its chain stays", async () => {
  const { statuses, stderr } = await fuzz(RUNS, 1);
  expect(statuses.get("500")).toBeUndefined();
  // The attacks get as far as they should: some are right, and some are wrong in ways of their own.
  for (const status of ["200", "202", "204", "400", "401", "404", "413", "422"])
    expect([status, (statuses.get(status) ?? 0) > 0]).toEqual([status, true]);
  expect(stderr).not.toContain('"fatal"');
}, 240_000);

test.each([
  [500, '{"error":{"code":"internal"}}'],
  [500, ""],
  [404, "Not Found"],
  [404, '{"error":{"code":"made-up"}}'],
  [404, '{"error":{"code":"bad-request"}}'],
])("an answer %s %j would be found", (status, text) => {
  const isJson = text.startsWith("{");
  expect(() => checkAnswer({ status, text, isJson })).toThrow(`answered ${status}`);
});
