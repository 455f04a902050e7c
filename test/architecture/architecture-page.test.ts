import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as z from "zod";
import { IMPORT_RULES } from "./import-rules.ts";

const PAGE = readFileSync("ARCHITECTURE.md", "utf8");

interface Row {
  readonly folder: string;
  readonly mayImport: ReadonlySet<string>;
  readonly outside: boolean;
}

/** The first table of the page: folder, owns, does not own, may import. */
function tableRows(page: string): Row[] {
  const lines = page.split("\n");
  const first = lines.findIndex((line) => line.startsWith("| ---")) + 1;
  const end = lines.findIndex((line, index) => index > first && !line.startsWith("|"));
  return lines.slice(first, end).map((line) => {
    const [folder = "", , , may = ""] = line.slice(2, -2).split(" | ");
    const name = folder.replaceAll("`", "");
    const named = [...may.matchAll(/`([^`]+)`/g)].flatMap((match) => foldersOf(match[1] as string));
    return {
      folder: name,
      mayImport: new Set(named.filter((each) => each !== name)),
      outside: may.includes("packages"),
    };
  });
}

/** `x` is all below `x`, `x/*.ts` the files in it alone. */
function foldersOf(word: string): string[] {
  if (word.endsWith("/*.ts")) return [word.slice(0, -"/*.ts".length)];
  return [...IMPORT_RULES.keys()].filter((folder) => folder === word || folder.startsWith(`${word}/`));
}

test("the table of folders is the rules of imports", () => {
  const rules = [...IMPORT_RULES].map(([folder, { mayImport, outside }]) => ({
    folder,
    mayImport: new Set(mayImport.filter((each) => each !== folder)),
    outside,
  }));
  const byFolder = (a: Row, b: Row) => (a.folder < b.folder ? -1 : 1);
  expect(tableRows(PAGE).sort(byFolder)).toEqual(rules.sort(byFolder));
});

test("a row that is missing, and one that allows too much, would be seen", () => {
  const without = PAGE.replace(/^\| `node\/host` .*\n/m, "");
  expect(tableRows(without)).toHaveLength(IMPORT_RULES.size - 1);
  const loose = PAGE.replace(
    "| sockets, timers | `node/core/support` |",
    "| sockets, timers | `node/core` |",
  );
  const link = tableRows(loose).find(({ folder }) => folder === "node/link");
  expect(link?.mayImport.size).toBeGreaterThan(IMPORT_RULES.get("node/link")?.mayImport.length ?? 0);
});

test("every package that the project depends on has its reason on the page, and no other has", () => {
  const names = z.record(z.string(), z.string());
  const { dependencies, devDependencies } = z
    .object({ dependencies: names, devDependencies: names })
    .parse(JSON.parse(readFileSync("package.json", "utf8")));
  const section = PAGE.slice(PAGE.indexOf("## Dependencies, and why"));
  const told = [...section.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) expect(told).toContain(name);
  const table = section.split("\n").filter((line) => line.startsWith("| `"));
  const running = table.flatMap((line) => [...(line.split(" | ")[0] ?? "").matchAll(/`([^`]+)`/g)]);
  expect(running.map((match) => match[1]).sort()).toEqual(Object.keys(dependencies).sort());
});
