import { expect, test } from "vitest";
import { AppWorld, KEYS } from "../../../test/support/app-world.ts";

const [alice] = KEYS;

test("a post costs nothing but its fee and leaves the ledger as it was", () => {
  const world = new AppWorld("board", { [alice]: 5n });
  expect(world.run(alice, { author: "Alice", content: "hello", timestampMs: 1_700_000_000_000 })).toBeNull();
  expect(world.balanceOf(alice)).toBe(5n);
  expect(world.undoesExactly()).toBe(true);
});

test.each([
  ["no author", { content: "hello", timestampMs: 1 }],
  ["an empty content", { author: "Alice", content: "", timestampMs: 1 }],
  ["a content too long", { author: "Alice", content: "x".repeat(2_001), timestampMs: 1 }],
  ["an author too long", { author: "x".repeat(101), content: "hello", timestampMs: 1 }],
  ["a time that is none", { author: "Alice", content: "hello", timestampMs: 1.5 }],
  ["a field of its own", { author: "Alice", content: "hello", timestampMs: 1, mood: "good" }],
  ["an author that is no text", { author: 5, content: "hello", timestampMs: 1 }],
])("a post with %s is none", (_, payload) => {
  expect(new AppWorld("board", {}).run(alice, payload)).toBe("bad-payload");
});
