/**
 * Who may import whom. A file belongs to the longest listed folder that holds it. It may import from its own folder, from those listed for it,
 * and from packages or `node:` modules only where that is said.
 */
export interface FolderRule {
  readonly mayImport: readonly string[];
  /** Packages and `node:` modules. */
  readonly outside: boolean;
}

const CORE = ["support", "chain", "rules", "state", "sync", "consensus", "machine"] as const;

/** Each layer of the core sees those below it. */
const coreRules: [string, FolderRule][] = CORE.map((layer, index) => [
  `node/core/${layer}`,
  { mayImport: CORE.slice(0, index).map((below) => `node/core/${below}`), outside: false },
]);

/** Knows of addresses and nothing of the chain: a registry, which has none, runs it too. */
const discoveryRule: [string, FolderRule] = [
  "node/core/discovery",
  { mayImport: ["node/core/support"], outside: false },
];

const wholeCore = [...CORE.map((layer) => `node/core/${layer}`), "node/core/discovery"];
/** What the rules of applications are made of is as pure as the core; their routes see the node. */
const PURE_APPS = ["node/apps/board", "node/apps/coin", "node/apps/bets"];
const appsSupport = "node/apps/support";
const appsHttp = "node/apps/http";
const wholeApps = [
  "node/apps",
  appsSupport,
  appsHttp,
  ...PURE_APPS,
  ...PURE_APPS.map((app) => `${app}/http`),
];
const servesRoutes = ["node/ports", "node/host", "node/link", "node/schemas", "node/adapters", ...wholeCore];
const appRules: [string, FolderRule][] = [
  [appsSupport, { mayImport: wholeCore, outside: false }],
  [appsHttp, { mayImport: [appsSupport, ...servesRoutes], outside: true }],
  ...PURE_APPS.flatMap((app): [string, FolderRule][] => [
    [app, { mayImport: [appsSupport, ...wholeCore], outside: false }],
    [`${app}/http`, { mayImport: [app, appsSupport, appsHttp, ...servesRoutes], outside: true }],
  ]),
  ["node/apps", { mayImport: [...wholeApps, ...servesRoutes], outside: false }],
];

const wholeNode = [
  "node",
  "node/ports",
  "node/host",
  "node/link",
  "node/schemas",
  "node/adapters",
  ...wholeApps,
  ...wholeCore,
];
const wholeRunner = [
  "runner",
  "runner/scenario",
  "runner/topology",
  "runner/faults",
  "runner/load",
  "runner/backends",
  "runner/driver",
  "runner/observe",
  "runner/record",
  "runner/check",
  "runner/analysis",
  "runner/report",
  "runner/compare",
];

export const IMPORT_RULES: ReadonlyMap<string, FolderRule> = new Map<string, FolderRule>([
  ...coreRules,
  discoveryRule,
  ["node/link", { mayImport: ["node/core/support"], outside: false }],
  ["node/ports", { mayImport: ["node/link", ...wholeCore], outside: false }],
  ["node/host", { mayImport: ["node/ports", "node/link", ...wholeCore], outside: false }],
  ["node/schemas", { mayImport: ["node/link", ...wholeCore], outside: true }],
  [
    "node/adapters",
    { mayImport: ["node/ports", "node/host", "node/link", "node/schemas", ...wholeCore], outside: true },
  ],
  ...appRules,
  ["node", { mayImport: wholeNode, outside: true }],
  // Analysis turns a journal into numbers: the same numbers wherever it runs, so nothing from outside but statistics.
  ["runner/analysis", { mayImport: ["runner", "runner/record", ...wholeCore, "node/link"], outside: true }],
  ...wholeRunner
    .filter((folder) => folder !== "runner/analysis")
    .map((folder): [string, FolderRule] => [
      folder,
      { mayImport: [...wholeRunner, ...wholeNode], outside: true },
    ]),
  ["dashboards", { mayImport: [...wholeRunner, ...wholeNode], outside: true }],
  ["bench", { mayImport: [...wholeRunner, ...wholeNode], outside: true }],
  ["test", { mayImport: ["bench", "dashboards", ...wholeRunner, ...wholeNode], outside: true }],
]);

/** Tests may use their tools and any part of their own side of the house, but a test of the node never needs the runner. */
const TEST_FILE = /\.test\.ts$/;

export interface SourceFile {
  /** From the root of the repository, `/` between folders. */
  readonly path: string;
  readonly text: string;
}

/** Sentences that say what is wrong; empty when every import is allowed. */
export function findForbiddenImports(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const folder = folderOf(path);
    const rule = folder === null ? undefined : IMPORT_RULES.get(folder);
    if (folder === null || rule === undefined) return [`${path}: no rule says what this folder may import`];
    return importsOf(text).flatMap((specifier) => {
      const problem = checkImport(path, folder, rule, specifier);
      return problem === null ? [] : [`${path} imports ${specifier}: ${problem}`];
    });
  });
}

function checkImport(path: string, folder: string, rule: FolderRule, specifier: string): string | null {
  const isTest = TEST_FILE.test(path);
  if (!specifier.startsWith("."))
    return rule.outside || isTest ? null : `${folder} imports nothing from outside`;
  const target = resolve(path, specifier);
  const targetFolder = folderOf(target);
  if (targetFolder === null) return "it leads out of the house";
  if (targetFolder === folder) return adapterFault(path, target, isTest);
  if (isTest && path.startsWith("node/"))
    return targetFolder.startsWith("runner") ? "the node never needs the runner" : null;
  if (isTest && targetFolder === "test") return null;
  return rule.mayImport.includes(targetFolder) ? null : `${folder} may not import ${targetFolder}`;
}

/** Adapters never import one another: each folder under node/adapters is one, and so is each file directly in it. */
function adapterFault(path: string, target: string, isTest: boolean): string | null {
  if (isTest || !path.startsWith("node/adapters/")) return null;
  const adapterOf = (file: string) => file.split("/")[2];
  return adapterOf(path) === adapterOf(target) ? null : "adapters never import one another";
}

function folderOf(path: string): string | null {
  const parts = path.split("/").slice(0, -1);
  for (let length = parts.length; length > 0; length--) {
    const folder = parts.slice(0, length).join("/");
    if (IMPORT_RULES.has(folder)) return folder;
  }
  return null;
}

/** Static and dynamic imports, re-exports, and workers named by URL. The formatter keeps their shape, so text is enough. */
export function importsOf(text: string): string[] {
  const patterns = [
    /^\s*(?:import|export)\b[^;'"]*?\bfrom\s+["']([^"']+)["']/gm,
    /^\s*import\s+["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']\s*\)/g,
    /new URL\(\s*["'](\.[^"']+\.ts)["']\s*,\s*import\.meta\.url\s*\)/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] as string));
}

function resolve(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
