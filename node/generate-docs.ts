import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { ERRORS } from "./adapters/http/error-table.ts";
import { accessOf, errorsOf, type Route, type Section } from "./adapters/http/route.ts";
import { METRICS } from "./adapters/metrics/metric-table.ts";
import { ALL_ROUTES } from "./all-routes.ts";
import { settingRows } from "./config.ts";
import { bucketList, cells, code, metricTable } from "./metrics-page.ts";

/**
 * Writes what docs/ says of a node's tables: docs/metrics.md whole, and in docs/api.md what stands between the marks. With --check it
 * writes nothing and fails if anything would change.
 */
const docsFolder = fileURLToPath(new URL("../docs/", import.meta.url));

/** File name in docs/ to the text that it should have. */
export function generatedDocs(): Map<string, string> {
  let api = readFileSync(`${docsFolder}api.md`, "utf8");
  for (const section of SECTIONS) api = between(api, `${section} routes`, routeTable(section));
  api = between(between(api, "errors", errorTable()), "settings", settingTable());
  return new Map([
    ["metrics.md", metricsPage()],
    ["api.md", api],
  ]);
}

function metricsPage(): string {
  return [
    "# Metrics of a node",
    "",
    "Generated from `node/adapters/metrics/metric-table.ts` by `node node/generate-docs.ts`; do not edit.",
    "",
    "`GET /metrics` answers in Prometheus' text format. Every series carries the label `node`. Beside these come the metrics of the process",
    "that prom-client collects (`process_...`, `nodejs_...`). What the runner exports of a run stands in [run-metrics.md](run-metrics.md), and",
    "[dashboards.md](dashboards.md) shows both.",
    "",
    ...metricTable(METRICS),
    "",
    "## Bounds of the histograms",
    "",
    "In the unit of the metric; a last one without bound follows.",
    "",
    ...bucketList(METRICS),
    "",
  ].join("\n");
}

const SECTIONS: readonly Section[] = [
  "node",
  "chain",
  "peers",
  "control",
  "discovery",
  "board",
  "coin",
  "bets",
];

/** Codes that any route may give, so that they stand in no row. */
const COMMON: ReadonlySet<string> = new Set([
  "bad-request",
  "too-many-requests",
  "internal",
  "foreign-origin",
]);
const OF_BODIES: ReadonlySet<string> = new Set(["body-too-large", "not-json"]);
const OF_CONTROL: ReadonlySet<string> = new Set(["control-disabled", "control-not-local", "bad-token"]);

function routeTable(section: Section): string {
  const rows = ALL_ROUTES.filter((route) => route.section === section).map((route) =>
    cells(
      code(`${route.method} ${route.path}${queryText(route)}`),
      route.text,
      ownErrors(route).map(code).join(", "),
    ),
  );
  return [cells("route", "answer", "its own errors"), cells("---", "---", "---"), ...rows].join("\n");
}

/** The keys of the query, as they are typed. */
function queryText({ query }: Route<never>): string {
  const keys = query instanceof z.ZodObject ? Object.keys(query.shape) : [];
  return keys.length === 0 ? "" : `?${keys.join("&")}`;
}

function ownErrors(route: Route<never>): string[] {
  const isControl = accessOf(route) === "control";
  return errorsOf(route).filter(
    (name) => !(COMMON.has(name) || OF_BODIES.has(name) || (isControl && OF_CONTROL.has(name))),
  );
}

function errorTable(): string {
  const rows = Object.entries(ERRORS).map(([name, row]) =>
    cells(code(name), String(row.status), row.definite ? "yes" : "no", row.meaning),
  );
  return [cells("code", "status", "definite", "meaning"), cells("---", "---", "---", "---"), ...rows].join(
    "\n",
  );
}

function settingTable(): string {
  const rows = settingRows().map((row) =>
    cells(
      code(`${row.flag} <${row.unit}>`),
      code(row.variable),
      row.default === null ? "" : code(row.default),
      row.sentence,
    ),
  );
  return [
    cells("flag", "environment", "default", "meaning"),
    cells("---", "---", "---", "---"),
    ...rows,
  ].join("\n");
}

/** `text` with what stands between the two marks of this name replaced. */
function between(text: string, name: string, content: string): string {
  const pattern = new RegExp(`(<!-- ${name}: generated -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!pattern.test(text)) throw new Error(`docs/api.md has no marks for ${name}`);
  return text.replace(pattern, (_all, start: string, end: string) => `${start}${content}\n${end}`);
}

if (import.meta.main) {
  const isCheck = process.argv.includes("--check");
  for (const [name, text] of generatedDocs()) {
    const path = docsFolder + name;
    if (!isCheck) {
      writeFileSync(path, text);
    } else if (readFileSync(path, "utf8") !== text) {
      process.stderr.write(`docs/${name} is out of date; run node node/generate-docs.ts\n`);
      process.exitCode = 1;
    }
  }
}
