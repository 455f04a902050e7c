import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { tarArchive } from "./tar-archive.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("the system's tar lists what went in: names long and short, sizes, permissions and owner", () => {
  const long = `${"folder/".repeat(20)}file.ts`;
  const archive = tarArchive(
    [
      { path: "a.json", content: bytes("{}"), mode: 0o644 },
      { path: long, content: bytes("x".repeat(513)), mode: 0o755 },
      { path: "empty", content: bytes(""), mode: 0o600 },
    ],
    1000,
  );
  const listed = execFileSync("tar", ["--list", "--verbose", "--numeric-owner", "--file", "-"], {
    input: archive,
    encoding: "utf8",
  });
  const rows = listed
    .trim()
    .split("\n")
    .map((line) => line.split(/\s+/));
  expect(rows.map(([mode, owner, size, , , name]) => [mode, owner, size, name])).toEqual([
    ["-rw-r--r--", "1000/1000", "2", "a.json"],
    ["-rwxr-xr-x", "1000/1000", "513", long],
    ["-rw-------", "1000/1000", "0", "empty"],
  ]);
  const read = execFileSync("tar", ["--extract", "--to-stdout", "--file", "-", long], { input: archive });
  expect(read.toString()).toBe("x".repeat(513));
});

test("the same files give the same bytes", () => {
  const file = { path: "a", content: bytes("1"), mode: 0o644 };
  expect(tarArchive([file], 0).equals(tarArchive([file], 0))).toBe(true);
});

test("a name that no field can hold is refused", () => {
  const content = bytes("");
  expect(() => tarArchive([{ path: "x".repeat(101), content, mode: 0 }], 0)).toThrow("too long a name");
});
