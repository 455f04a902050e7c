import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { expect, test } from "vitest";
import { findForbiddenImports, importsOf } from "./import-rules.ts";

async function sources() {
  const files = [];
  for await (const path of glob("{node,runner,dashboards,bench,test}/**/*.ts", {
    exclude: ["**/node_modules/**"],
  }))
    files.push({ path, text: readFileSync(path, "utf8") });
  return files;
}

test("every import keeps to the plan of the house", async () => {
  const files = await sources();
  expect(files.length).toBeGreaterThan(50);
  expect(findForbiddenImports(files)).toEqual([]);
});

test.each([
  ["node/core/chain/x.ts", 'import { a } from "../rules/violation.ts";', "may not import node/core/rules"],
  ["node/core/state/x.ts", 'import { readFileSync } from "node:fs";', "imports nothing from outside"],
  [
    "node/core/machine/x.ts",
    'import type { Clock } from "../../ports/alarm.ts";',
    "may not import node/ports",
  ],
  ["node/host/x.ts", 'import { z } from "zod";', "imports nothing from outside"],
  ["node/host/x.ts", 'import { b } from "../adapters/node-crypto.ts";', "may not import node/adapters"],
  ["node/adapters/http/x.ts", 'import { b } from "../mining/y.ts";', "adapters never import one another"],
  [
    "node/adapters/x.ts",
    'const w = new URL("../../runner/plan.ts", import.meta.url);',
    "may not import runner",
  ],
  ["node/main.ts", 'export { plan } from "../runner/plan.ts";', "may not import runner"],
  ["node/core/rules/x.ts", 'const later = await import("koa");', "imports nothing from outside"],
  [
    "node/core/sync/x.test.ts",
    'import { plan } from "../../../runner/plan.ts";',
    "the node never needs the runner",
  ],
  ["runner/scenario/x.ts", 'import { up } from "../../../elsewhere/y.ts";', "leads out of the house"],
  ["attic/x.ts", "", "no rule says"],
])("in %s the import %s is found", (path, text, complaint) => {
  expect(findForbiddenImports([{ path, text }]).join()).toContain(complaint);
});

test("imports over several lines, of types, and for their effect are seen", () => {
  const text =
    'import {\n  type A,\n  b,\n} from "./a.ts";\nimport "./effect.ts";\nexport type { C } from "./c.ts";\n';
  expect(importsOf(text).sort()).toEqual(["./a.ts", "./c.ts", "./effect.ts"]);
});
