import { parseDocument } from "yaml";
import type { ScenarioProblem } from "./problem.ts";
import { isMapping, type Path } from "./source.ts";

/** One `--set key=value`: a value put in place of what the file says. */
export interface Override {
  /** As given, for messages. */
  readonly text: string;
  readonly path: Path;
  readonly value: unknown;
}

/** `network.latency=50ms` or `timeline.0.at=10s`; the value is YAML, so that lists and mappings can be given too. */
export function decodeOverride(text: string): Override | ScenarioProblem {
  const refuse = (path: string, message: string): ScenarioProblem => ({
    place: { kind: "override", text },
    path,
    message,
  });
  const equals = text.indexOf("=");
  const key = text.slice(0, equals);
  if (equals < 1 || key.split(".").includes(""))
    return refuse("", "expected key=value, such as network.latency=50ms");
  const yaml = parseDocument(text.slice(equals + 1), { prettyErrors: false });
  const error = yaml.errors[0];
  if (error !== undefined) return refuse(key, `not a YAML value: ${error.message}`);
  return { text, path: key.split("."), value: yaml.toJS() };
}

/** Puts the override into `document`, or says why there is no place for it. Mappings on the way are made. */
export function applyOverride(document: Record<string, unknown>, override: Override): ScenarioProblem | null {
  const refuse = (depth: number, message: string): ScenarioProblem => ({
    place: { kind: "override", text: override.text },
    path: override.path.slice(0, depth).join("."),
    message,
  });
  let around: unknown = document;
  for (const [depth, step] of override.path.entries()) {
    const isLast = depth === override.path.length - 1;
    if (Array.isArray(around)) {
      const index = /^\d+$/.test(String(step)) ? Number(step) : Number.NaN;
      // One past the end appends, so that a fault can be added to the timeline.
      if (!(index <= around.length)) return refuse(depth + 1, `expected an index from 0 to ${around.length}`);
      if (isLast) around[index] = override.value;
      else {
        around[index] ??= emptyFor(override.path[depth + 1]);
        around = around[index];
      }
    } else if (isMapping(around)) {
      // Own properties only: "__proto__" is a key like any other, and then an unknown one.
      if (isLast) define(around, String(step), override.value);
      else {
        if (!Object.hasOwn(around, step)) define(around, String(step), emptyFor(override.path[depth + 1]));
        around = around[step];
      }
    } else return refuse(depth, "has one value in the file, not a mapping or a list: override it as a whole");
  }
  return null;
}

/** What holds the next step of a path, where the file has nothing: a list for an index, else a mapping. */
function emptyFor(step: string | number | undefined): unknown {
  return /^\d+$/.test(String(step)) ? [] : {};
}

function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * The override that last set the value at `path` or something around it, if any did; for a value that the file does not
 * have (`isMissing`), also the one that made it by setting something inside it.
 */
export function overrideOf(overrides: readonly Override[], path: Path, isMissing: boolean): Override | null {
  const agrees = ({ path: own }: Override) =>
    own.slice(0, path.length).every((step, depth) => String(step) === String(path[depth])) &&
    (own.length <= path.length || isMissing);
  return overrides.findLast(agrees) ?? null;
}
