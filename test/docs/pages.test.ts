import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";

const PAGES = globSync(["*.md", "docs/*.md"]).map((path) => ({ path, text: readFileSync(path, "utf8") }));
const SOURCES = globSync(["{node,runner,dashboards,bench,test}/**/*.ts", "*.ts"], {
  exclude: ["**/node_modules/**"],
});
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync("package.json", "utf8")));

/** Links into the repository that lead nowhere, or to a heading that is not there. */
function brokenLinks({ path, text }: { path: string; text: string }): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = "", heading] = link.split("#");
    const target = file === "" ? path : join(dirname(path), file);
    if (!existsSync(target)) return true;
    return heading !== undefined && !headingsOf(readFileSync(target, "utf8")).includes(heading);
  });
}

/** As a repository's web page names them. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Sources that a page names and that are not there; a name alone, or the end of a path, is enough. */
function missingSources(text: string): string[] {
  const named = [...text.matchAll(/`([\w./-]+\.ts)`/g)].map((match) => match[1] as string);
  return named.filter((name) => !SOURCES.some((source) => `/${source}`.endsWith(`/${name}`)));
}

test.each(PAGES)("what $path links to and names is there", (page) => {
  expect(brokenLinks(page)).toEqual([]);
  expect(missingSources(page.text)).toEqual([]);
  const named = [...page.text.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1] as string);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

test("a link that leads nowhere, a heading and a source that are gone would be found", () => {
  const text =
    "[a](docs/gone.md) [b](README.md#gone) [c](README.md#scenarios) `runner/gone.ts` `runner/main.ts` `main.ts`";
  expect(brokenLinks({ path: "README.md", text })).toEqual(["docs/gone.md", "README.md#gone"]);
  expect(missingSources(text)).toEqual(["runner/gone.ts"]);
});
