import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { NodesFile } from "./nodes-file.ts";

const folder = mkdtempSync(join(tmpdir(), "forklab-nodes-"));
afterAll(() => rmSync(folder, { recursive: true }));

const A = { ip_address: "127.0.0.1", port: 5_000 };
const B = { ip_address: "::1", port: 5_001 };

function fileWith(name: string, text: string): NodesFile {
  const path = join(folder, name);
  writeFileSync(path, text);
  return new NodesFile(path, 100);
}

test("what was written is read back, as a list of entries that other programs can read", () => {
  const file = new NodesFile(join(folder, "round-trip.json"), 100);
  expect(file.read()).toEqual({ nodes: [], fault: null });
  expect(file.write([A])).toBeNull();
  expect(file.write([A, B])).toBeNull();
  expect(file.read()).toEqual({ nodes: [A, B], fault: null });
  expect(JSON.parse(readFileSync(file.path, "utf8"))).toEqual([A, B]);
  expect(readdirSync(folder).filter((name) => name.startsWith("round-trip"))).toEqual(["round-trip.json"]);
});

test.each([
  ["torn in the middle", `[${JSON.stringify(A)},{"ip_add`, "not JSON"],
  ["empty", "", "not JSON"],
  ["something else", '{"nodes":[]}', "not a list"],
  ["too large", " ".repeat(2 * 1024 * 1024), "too many"],
])("a file that is %s is said to be damaged, and no obstacle", (name, text, reason) => {
  const read = fileWith(`${name}.json`, text).read();
  expect(read.nodes).toEqual([]);
  expect(read.fault).toContain(reason);
});

test("good entries of a damaged list are kept, and the others counted", () => {
  const list = [A, { ...A, name: "x" }, 7, B];
  const read = fileWith("half-good.json", JSON.stringify(list)).read();
  expect(read).toEqual({ nodes: [A, B], fault: "2 entries are no nodes, or too many" });
});

test("a write that cannot be done is said, and leaves the old list", () => {
  const file = new NodesFile(join(folder, "missing", "nodes.json"), 100);
  expect(file.write([A])).toContain("ENOENT");
  // A file in a folder's place: it can neither be read nor replaced.
  expect(new NodesFile(folder, 100).read().fault).toContain("EISDIR");
});
