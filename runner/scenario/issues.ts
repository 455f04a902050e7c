import { closest, distance } from "fastest-levenshtein";
import type * as z from "zod";
import { showValue } from "./problem.ts";
import type { Path } from "./source.ts";

/** A problem before its place is known. `at: "key"` means the key that ends the path, not its value. */
export interface Finding {
  readonly path: Path;
  readonly at: "key" | "value";
  readonly message: string;
}

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/**
 * What zod is to say where the schema has no words of its own: what is accepted, as a noun phrase.
 * For unknown keys the known ones, separated by spaces; for a union nothing, since one of its branches says it better.
 */
export function acceptedText(issue: RawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.expected === "object") return `a mapping of ${knownKeys(issue.inst).join(", ")}`;
      return TYPE_NAMES[issue.expected] ?? `a value of type ${issue.expected}`;
    case "invalid_value":
      return listed(issue.values.map((value) => String(value)));
    case "too_small":
      return boundText(issue.origin, issue.inclusive === false ? "above" : "at least", issue.minimum);
    case "too_big":
      return boundText(issue.origin, issue.inclusive === false ? "below" : "at most", issue.maximum);
    case "unrecognized_keys":
      return knownKeys(issue.inst).join(" ");
    default:
      return "";
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  array: "a list",
  tuple: "a list",
  string: "a text",
  number: "a number",
  int: "a whole number",
  safeint: "a whole number",
  boolean: "true or false",
};

function boundText(origin: string, comparison: string, bound: number | bigint): string {
  if (origin === "array") return `a list of ${comparison} ${bound} ${bound === 1 ? "entry" : "entries"}`;
  if (origin === "string") return `a text of ${comparison} ${bound} characters`;
  return `a number ${comparison} ${bound}`;
}

function knownKeys(schema: unknown): string[] {
  const definition = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def;
  return Object.keys(definition?.shape ?? {});
}

/** Turns what zod found wrong with `document` into findings: what was there, and what is accepted. */
export function findingsOf(issues: readonly Issue[], document: unknown, base: Path = []): Finding[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
    if (issue.code === "unrecognized_keys") {
      const known = issue.message.split(" ");
      return issue.keys.map(
        (key): Finding => ({ path: [...path, key], at: "key", message: unknownKey(key, known) }),
      );
    }
    if (issue.code === "invalid_union" && issue.message === "") {
      const branch = likeliestBranch(issue.errors);
      if (branch !== null) return findingsOf(branch, document, path);
      const accepted = issue.errors.map((errors) => errors[0]?.message ?? "").filter((text) => text !== "");
      return [missed(path, accepted.join(", or "), document)];
    }
    return [missed(path, issue.message, document, wordsOf(issue))];
  });
}

/** The words of which the value should have been one, if it is such a value. */
function wordsOf(issue: Issue): readonly string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  return issue.code === "invalid_union" && "options" in issue ? (issue.options ?? []).map(String) : [];
}

function missed(path: Path, accepted: string, document: unknown, words: readonly string[] = []): Finding {
  const found = valueAt(document, path);
  if (found === undefined) return { path, at: "value", message: `missing; expected ${accepted}` };
  const word = typeof found === "string" ? nearest(found, words) : null;
  const hint = word === null ? "" : `; did you mean "${word}"?`;
  return { path, at: "value", message: `expected ${accepted}, found ${showValue(found)}${hint}` };
}

function valueAt(document: unknown, path: Path): unknown {
  const step = (around: unknown, key: string | number) =>
    typeof around === "object" && around !== null && Object.hasOwn(around, key)
      ? (around as Record<string | number, unknown>)[key]
      : undefined;
  return path.reduce<unknown>(step, document);
}

/** Of a union, the branch whose type the value has: its complaints are about what is inside. Null if there is not just one. */
function likeliestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const fitting = branches.filter(
    (issues) => !issues.some((issue) => issue.path.length === 0 && MISFITS.has(issue.code)),
  );
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

const MISFITS: ReadonlySet<string | undefined> = new Set(["invalid_type", "invalid_value"]);

function unknownKey(key: string, known: readonly string[]): string {
  const word = nearest(key, known);
  const list = known.join(", ");
  return word === null
    ? `unknown key; known here: ${list}`
    : `unknown key; did you mean "${word}"? Known here: ${list}`;
}

/** The known word that a mistyped one stands for. A third of the letters wrong is still a slip; more is another word. */
function nearest(word: string, known: readonly string[]): string | null {
  if (known.length === 0) return null;
  const found = closest(word, known);
  return distance(word, found) <= Math.max(2, Math.floor(word.length / 3)) ? found : null;
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
}
