import { expect, test } from "vitest";
import { RELEASE_COUNT_MAX, RELEASE_MS, Releases, SLOW_RELEASE_MS } from "./releases.ts";

const url = "http://127.0.0.1:9";

test("a release says who, why and until when, and is remembered when it is over", () => {
  const releases = new Releases();
  const cause = { code: "exchanged", reason: "another takes its turn" } as const;
  releases.add({ name: "bob", url }, cause, 5_000_000);
  const untilMs = 5_000 + RELEASE_MS;
  expect(releases.list()).toEqual([{ name: "bob", url, ...cause, releasedAtMs: 5_000, untilMs }]);
  expect([releases.has("bob", untilMs * 1_000 - 1), releases.has("bob", untilMs * 1_000)]).toEqual([
    true,
    false,
  ]);
  expect(releases.has("eve", 5_000_000)).toBe(false);
  expect(releases.list()).toHaveLength(1);
});

test("one that was slow stays away for longer", () => {
  const releases = new Releases();
  releases.add({ name: "bob", url }, { code: "slow", reason: "passed over 3 times" }, 0);
  expect(releases.has("bob", RELEASE_MS * 1_000)).toBe(true);
  expect(releases.has("bob", SLOW_RELEASE_MS * 1_000)).toBe(false);
});

test("many releases take no more room than there is, and the oldest go first", () => {
  const releases = new Releases();
  const cause = { code: "removed", reason: "an operator removed it" } as const;
  for (let name = 0; name < 3 * RELEASE_COUNT_MAX; name++)
    releases.add({ name: `bob-${name}`, url }, cause, name);
  expect(releases.list()).toHaveLength(RELEASE_COUNT_MAX);
  expect(releases.list()[0]?.name).toBe(`bob-${2 * RELEASE_COUNT_MAX}`);
});
