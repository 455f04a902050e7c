import { readFile, writeFile } from "node:fs/promises";
import { editorJsonSchema } from "./json-schema.ts";
import { referencePage } from "./reference-page.ts";

/**
 * Writes what is made from the scenario's schema: the JSON Schema for editors and the reference page.
 * With `--check` it writes nothing and exits with 1 if a file is not what the schema gives.
 */
const ROOT = new URL("../../", import.meta.url);

const isCheck = process.argv.includes("--check");
const example = await readFile(new URL("scenarios/partition.yaml", ROOT), "utf8");
const files: Readonly<Record<string, string>> = {
  "scenarios/schema.json": editorJsonSchema(),
  "docs/scenario.md": referencePage(example),
};
for (const [path, content] of Object.entries(files)) {
  const url = new URL(path, ROOT);
  if (!isCheck) await writeFile(url, content);
  else if ((await readFile(url, "utf8").catch(absent)) !== content) {
    console.error(`${path} is stale: run npm run generate`);
    process.exitCode = 1;
  }
}

/** A file that is not there is stale; one that cannot be read is something else. */
function absent(error: NodeJS.ErrnoException): string {
  if (error.code !== "ENOENT") throw error;
  return "";
}
