import { readFileSync, writeFileSync } from "node:fs";
import { resultsPage } from "./results-page.ts";
import { RESULT_TABLES } from "./tables/all-tables.ts";

/** Writes docs/results.md; with `--check` only says, by exit status 1, that it is out of date. */
const PAGE = new URL("../../docs/results.md", import.meta.url);
const text = resultsPage(RESULT_TABLES);

if (!process.argv.includes("--check")) writeFileSync(PAGE, text);
else if (readFileSync(PAGE, "utf8") !== text) {
  console.error("docs/results.md is out of date; run: npm run generate");
  process.exitCode = 1;
}
