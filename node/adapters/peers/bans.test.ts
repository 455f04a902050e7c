import { expect, test } from "vitest";
import { BAN_COUNT_MAX, BAN_MS, Bans } from "./bans.ts";

const url = "http://127.0.0.1:9";
const offence = { code: "high-hash", reason: "broke a rule: high-hash" };

test("a ban says who, why and until when, and is remembered when it is over", () => {
  const bans = new Bans();
  bans.add({ name: "eve", url }, offence, 5_000_000);
  const expected = { name: "eve", url, ...offence, bannedAtMs: 5_000, untilMs: 5_000 + BAN_MS, count: 1 };
  expect(bans.list()).toEqual([expected]);
  expect(bans.has("eve", 5_000_000)).toBe(true);
  expect(bans.has("bob", 5_000_000)).toBe(false);
  const overUs = (5_000 + BAN_MS) * 1_000;
  expect([bans.has("eve", overUs - 1), bans.has("eve", overUs)]).toEqual([true, false]);
  expect(bans.list()).toEqual([expected]);
  expect(bans.add({ name: "eve", url }, offence, overUs)).toMatchObject({
    count: 2,
    bannedAtMs: overUs / 1_000,
  });
  expect(bans.has("eve", overUs)).toBe(true);
});

test("names that are invented take no more room than there is, and the oldest go first", () => {
  const bans = new Bans();
  for (let name = 0; name < 3 * BAN_COUNT_MAX; name++) bans.add({ name: `eve-${name}`, url }, offence, name);
  expect(bans.list()).toHaveLength(BAN_COUNT_MAX);
  expect(bans.list()[0]?.name).toBe(`eve-${2 * BAN_COUNT_MAX}`);
});
