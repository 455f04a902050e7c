import { isAlias, isCollection, isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type { Place, ScenarioProblem } from "./problem.ts";

export type Path = readonly (string | number)[];

/**
 * The text of a scenario as data, and where in the text each value stands.
 * Not YAML, more than one document, or a key twice: `problems` says so and `document` is null.
 */
export interface ScenarioSource {
  readonly document: Record<string, unknown> | null;
  readonly problems: readonly ScenarioProblem[];
  /** Whether the file has a value there. */
  has(path: Path): boolean;
  /** The value's place; of a value that is missing, that of the nearest mapping or list around it. */
  placeOf(path: Path): Place;
  /** The place of the key that ends `path`, not of its value. */
  placeOfKey(path: Path): Place;
}

/** Reads YAML 1.2. `file` is only named in problems. */
export function readSource(text: string, file: string): ScenarioSource {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { kind: "file", file, line, column: col };
  };
  const problems: ScenarioProblem[] = [...yaml.errors, ...yaml.warnings].map((error) => ({
    place: placeAt(error.pos[0]),
    path: "",
    message: `not a YAML file that can be read: ${error.message}`,
  }));
  const nodeAt = (path: Path) =>
    locate(yaml.contents, path, (node) => (isAlias(node) ? node.resolve(yaml) : node));
  const source = {
    has: (path: Path) => nodeAt(path).isFound,
    placeOf: (path: Path) => placeAt(nodeAt(path).value?.range?.[0] ?? 0),
    placeOfKey: (path: Path) => {
      const { key, value } = nodeAt(path);
      return placeAt((key ?? value)?.range?.[0] ?? 0);
    },
  };
  if (problems.length > 0) return { document: null, problems, ...source };
  let data: unknown;
  try {
    data = yaml.toJS();
  } catch (error) {
    // Aliases that expand without bound, or name no anchor.
    const message = `not a YAML file that can be read: ${error instanceof Error ? error.message : String(error)}`;
    return { document: null, problems: [{ place: placeAt(0), path: "", message }], ...source };
  }
  if (isMapping(data)) return { document: unshared(data), problems, ...source };
  const message = "expected a mapping with at least name, duration, nodes and chain";
  return { document: null, problems: [{ place: source.placeOf([]), path: "", message }], ...source };
}

/** A copy in which nothing stands twice: an override of one use of an anchor leaves the others alone. */
function unshared<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(unshared) as Value;
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unshared(inner)])) as Value;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Located {
  /** Only when the whole path was found and ends in a mapping's key. */
  readonly key: Node | null;
  readonly value: Node | null;
  /** False: `value` is the last that was found on the way. */
  readonly isFound: boolean;
}

function locate(root: Node | null, path: Path, follow: (node: Node) => Node | undefined): Located {
  let value = root;
  let key: Node | null = null;
  for (const step of path) {
    const around: Node | undefined = value === null ? undefined : follow(value);
    key = null;
    if (!isCollection(around)) return { key, value, isFound: false };
    if (isMap(around)) {
      const pair = around.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) return { key, value, isFound: false };
      key = pair.key as Node;
      // "key:" with nothing behind it has no node of its own.
      value = (pair.value as Node | null) ?? key;
    } else {
      const item = around.items[Number(step)] as Node | undefined;
      if (item === undefined) return { key, value, isFound: false };
      value = item;
    }
  }
  return { key, value, isFound: true };
}
