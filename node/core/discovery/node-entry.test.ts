import { expect, test } from "vitest";
import { decodeNodeEntries, decodeNodeEntry, entryOfOrigin, entryOrigin } from "./node-entry.ts";

const A = { ip_address: "127.0.0.1", port: 5_000 };

test("an entry is an address and a port, and nothing else", () => {
  expect(decodeNodeEntry(A)).toEqual(A);
  expect(decodeNodeEntry({ ip_address: "Node.Example", port: "80" })).toEqual({
    ip_address: "node.example",
    port: 80,
  });
  const bad = [
    null,
    [],
    "127.0.0.1:5000",
    {},
    { ip_address: "127.0.0.1" },
    { port: 5_000 },
    { ...A, name: "a" },
    { ...A, port: 0 },
    { ...A, port: 65_536 },
    { ...A, port: 1.5 },
    { ...A, port: "5000x" },
    { ...A, port: true },
    { ...A, ip_address: "http://127.0.0.1" },
    { ...A, ip_address: 2_130_706_433 },
    { ...A, ip_address: "" },
  ];
  for (const value of bad) expect(decodeNodeEntry(value)).toBeNull();
});

test("one bad entry does not spoil a list, and a list has a bound", () => {
  expect(decodeNodeEntries([A, { ...A, extra: 1 }, 7], 10)).toEqual([A]);
  const many = Array.from({ length: 50 }, (_, index) => ({ ...A, port: index + 1 }));
  expect(decodeNodeEntries(many, 10)).toEqual(many.slice(0, 10));
  expect(decodeNodeEntries({ nodes: [A] }, 10)).toBeNull();
});

test.each([
  [A, "http://127.0.0.1:5000"],
  [{ ip_address: "::1", port: 5_000 }, "http://[::1]:5000"],
  [{ ip_address: "node.example", port: 80 }, "http://node.example"],
])("%j answers at %s, as URLs write it", (entry, origin) => {
  expect(entryOrigin(entry)).toBe(origin);
  expect(new URL(origin).origin).toBe(origin);
  expect(entryOfOrigin(origin)).toEqual(entry);
});

test.each([
  "https://127.0.0.1:5000",
  "ftp://a:1",
  "http://a:1/path",
  "http://u@a:1",
  "a:1",
  "http://0.0.0.0:1",
])("%s is no origin of an entry", (origin) => {
  expect(entryOfOrigin(origin)).toBeNull();
});
