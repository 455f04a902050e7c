import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { APPLICATIONS } from "../../node/apps/applications.ts";
import { AppWorld, KEYS } from "../support/app-world.ts";
import { POLL } from "./poll-application.ts";

const PAGE = readFileSync("docs/applications.md", "utf8");
const [alice, bob] = KEYS;

test("the example of docs/applications.md is the one that is tested", () => {
  const [, example = ""] = /```ts\n(import[\s\S]*?)```/.exec(PAGE) ?? [];
  const tested = readFileSync("test/docs/poll-application.ts", "utf8");
  // On the page it stands in node/apps/poll, where it would be.
  expect(example).toBe(
    tested.replaceAll("../../node/apps/", "../").replaceAll("../../node/core/", "../../core/"),
  );
});

test("it works as the page says, and is undone exactly", () => {
  const world = new AppWorld("poll", {}, new Map([[POLL.name, POLL]]));
  expect(world.run(alice, { poll: "lunch", choice: "soup" })).toBeNull();
  expect(world.run(bob, { poll: "lunch", choice: "soup" })).toBeNull();
  expect(world.run(alice, { poll: "lunch", choice: "salad" })).toBe("voted");
  expect(world.run(alice, { poll: "dinner", choice: "salad" })).toBeNull();
  expect(world.run(alice, { poll: "dinner" })).toBe("bad-payload");
  expect(world.ledger.recordOf("poll/count 5 lunch soup")).toBe("2");
  expect(world.undoesExactly()).toBe(true);
});

test("the page names every application, and every reason for which one refuses", () => {
  for (const name of APPLICATIONS.keys())
    expect(PAGE).toContain(`## ${name[0]?.toUpperCase()}${name.slice(1)}`);
  for (const app of ["coin", "bets"]) {
    const rules = readFileSync(`node/apps/${app}/rules.ts`, "utf8");
    const reasons = [...rules.matchAll(/appRefusal\("([a-z-]+)"/g)].map(([, reason]) => reason);
    expect(reasons.length).toBeGreaterThan(1);
    for (const reason of reasons) expect(PAGE).toContain(`\`${reason}\``);
  }
});
