import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Writes the modules that a browser signs with: those in source/ and the files of the core that they import, without their types, side by side in this folder.
 * So the bytes of a transaction are defined once, for nodes, wallets and browsers. With --check it writes nothing and fails if anything would change: the
 * modules are part of the repository, since a node that strips types while it runs takes 25 MB for it.
 */
const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** `from "./x.ts"`, as the formatter leaves it. */
const IMPORT = /(\bfrom\s+")(\.[^"]+)\.ts"/g;

/** File name to text, of every module. */
export function signingModules(): Map<string, string> {
  const modules = new Map<string, string>();
  const pathOf = new Map<string, string>();
  const waiting = globSync(`${FOLDER}source/*.ts`).filter((path) => !path.endsWith(".test.ts"));
  waiting.sort();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const name = basename(path, ".ts");
    if (pathOf.get(name) === path) continue;
    // Side by side, so that no folder of the repository shows in an address.
    if (pathOf.has(name)) throw new Error(`two modules of a browser have the name ${name}`);
    pathOf.set(name, path);
    // What is imported for its types is gone by now.
    const code = stripTypeScriptTypes(readFileSync(path, "utf8"));
    for (const [, , specifier] of code.matchAll(IMPORT)) waiting.push(resolve(path, "..", `${specifier}.ts`));
    const text = code.replaceAll(
      IMPORT,
      (_all, from: string, specifier: string) => `${from}./${basename(specifier)}.js"`,
    );
    modules.set(
      `${name}.js`,
      `// Made from ${relative(ROOT, path)} by node/web/signing/build.ts; do not edit.\n${tidy(text)}`,
    );
  }
  return modules;
}

/** Types leave blanks behind. Those within a line stay: telling them from those of a text would take a parser. */
function tidy(text: string): string {
  return `${text
    .replaceAll(/[ \t]+$/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim()}\n`;
}

/** The modules that lie there now. */
function presentModules(): Map<string, string> {
  return new Map(globSync(`${FOLDER}*.js`).map((path) => [basename(path), readFileSync(path, "utf8")]));
}

if (import.meta.main) {
  const [wanted, present] = [signingModules(), presentModules()];
  const names = new Set([...wanted.keys(), ...present.keys()]);
  for (const name of names) {
    const text = wanted.get(name);
    if (text === present.get(name)) continue;
    const path = join(FOLDER, name);
    if (process.argv.includes("--check")) {
      process.stderr.write(`${relative(ROOT, path)} is out of date; run node node/web/signing/build.ts\n`);
      process.exitCode = 1;
    } else if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
  }
}
