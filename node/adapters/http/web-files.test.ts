import { existsSync, globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";
import { DOCUMENT, TYPE_OF_EXTENSION, WEB_FILES, webFile } from "./web-files.ts";

const FOLDER = "node/web";

/** Whose address below /web is another than below node/web. */
const APP_PAGE = /^node\/apps\/(\w+)\/web\//;

test("what stands in node/web and with the applications for browsers is served, and nothing that is served is missing", () => {
  const there = [
    ...globSync(`${FOLDER}/*/*.{js,css,svg}`).map((path) => path.slice(FOLDER.length + 1)),
    ...globSync("node/apps/*/web/*").map((path) => path.replace(APP_PAGE, "$1/")),
  ];
  expect(there).toContain("board/page.js");
  expect(WEB_FILES.filter((file) => !file.startsWith("lit/")).toSorted()).toEqual(there.toSorted());
  for (const file of WEB_FILES) {
    const [folder = "", name = ""] = file.split("/");
    expect(existsSync(webFile(folder, name) ?? "")).toBe(true);
    expect(TYPE_OF_EXTENSION.has(name.split(".").at(-1) ?? "")).toBe(true);
  }
});

/** What a module loads, as the browser finds it. */
function importsOf(file: string, text: string): string[] {
  const named = [...text.matchAll(/^\s*(?:import|export)[^;'"]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm)];
  return named.map(([, fixed, late]) => posix.resolve("/web", posix.dirname(file), fixed ?? late ?? ""));
}

test("modules load nothing but what is served", () => {
  const served = new Set(WEB_FILES.map((file) => `/web/${file}`));
  let count = 0;
  for (const file of WEB_FILES.filter((each) => each.endsWith(".js") && !each.startsWith("lit/"))) {
    const [folder = "", name = ""] = file.split("/");
    const imports = importsOf(file, readFileSync(webFile(folder, name) as URL, "utf8"));
    count += imports.length;
    expect(imports.filter((each) => !served.has(each))).toEqual([]);
  }
  expect(count).toBeGreaterThan(40);
  expect(
    importsOf("pages/x.js", 'import { a } from "../shell/gone.js";\nconst b = import("./b.js");'),
  ).toEqual(["/web/shell/gone.js", "/web/pages/b.js"]);
});

test("the document loads what is served, and carries no script or style of its own", () => {
  const text = readFileSync(DOCUMENT, "utf8");
  const served = new Set(WEB_FILES.map((file) => `/web/${file}`));
  const named = [...text.matchAll(/(?:href|src)="(\/web\/[^"]+)"/g)].map((match) => match[1] as string);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((each) => !served.has(each))).toEqual([]);
  expect(text).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\son\w+=/);
});

test.each(["../launch.js", "launch.js", "__proto__", "constructor", "", "main.js\0", "MAIN.JS"])(
  "%j is no file of the pages",
  (name) => {
    for (const folder of ["shell", "..", "", "__proto__", "lit"]) expect(webFile(folder, name)).toBeNull();
  },
);
