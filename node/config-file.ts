import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as yaml from "yaml";

/** A key of the file with what it says, as text: a list where it has one. */
export interface ConfigEntry {
  readonly key: string;
  readonly texts: readonly string[];
  /** File, line and column, from 1. */
  readonly place: string;
}

export type ConfigFile =
  | { readonly ok: true; readonly entries: readonly ConfigEntry[] }
  | { readonly ok: false; readonly text: string };

/** Bytes of a file of settings: a thousand times what anyone writes. */
const CONFIG_BYTES_MAX = 1024 * 1024;

/** Reads a file of YAML, and so of JSON: keys with texts or lists of texts. What they mean is its reader's. */
export function readConfigFile(path: string): ConfigFile {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (error) {
    return {
      ok: false,
      text: `the file of --config cannot be read: ${error instanceof Error ? error.message : error}`,
    };
  }
  if (source.length > CONFIG_BYTES_MAX)
    return { ok: false, text: `${path} is larger than ${CONFIG_BYTES_MAX} bytes` };
  return entriesOf(path, source);
}

function entriesOf(path: string, source: string): ConfigFile {
  // Required here, not imported: it costs every node memory that few need.
  const { isMap, isScalar, isSeq, LineCounter, parseDocument }: typeof yaml = createRequire(import.meta.url)(
    "yaml",
  );
  const lines = new LineCounter();
  const placeOf = (offset: number | undefined) => {
    const { line, col } = lines.linePos(offset ?? 0);
    return `${path}:${line}:${col}`;
  };
  // Every scalar is the text that stands there: what it means is in the table of settings.
  const document = parseDocument(source, { schema: "failsafe", lineCounter: lines, prettyErrors: false });
  const [fault] = document.errors;
  if (fault !== undefined) return { ok: false, text: `${placeOf(fault.pos[0])}: ${fault.message}` };
  const { contents } = document;
  // Empty, or comments alone.
  if (contents === null || (isScalar(contents) && contents.value === "")) return { ok: true, entries: [] };
  if (!isMap<yaml.Node, yaml.Node | null>(contents))
    return { ok: false, text: `${placeOf(contents.range?.[0])}: expected settings as "key: value"` };
  const entries: ConfigEntry[] = [];
  for (const { key, value } of contents.items) {
    const place = placeOf(key.range?.[0]);
    const texts = (isSeq<yaml.Node>(value) ? value.items : [value]).map((item) =>
      isScalar<string>(item) ? item.value : null,
    );
    const known = texts.filter((text) => text !== null);
    if (!isScalar<string>(key) || known.length !== texts.length)
      return { ok: false, text: `${place}: expected a value, or a list of values` };
    entries.push({ key: key.value, texts: known, place });
  }
  return { ok: true, entries };
}
