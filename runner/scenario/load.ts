import { readFile } from "node:fs/promises";
import { checkScenario } from "./checks.ts";
import { acceptedText, type Finding, findingsOf } from "./issues.ts";
import { applyOverride, decodeOverride, type Override, overrideOf } from "./override.ts";
import { decodeParts } from "./partial-settings.ts";
import { ScenarioError, type ScenarioProblem, sortProblems } from "./problem.ts";
import type { Scenario } from "./scenario.ts";
import { type ScenarioSettings, scenarioSchema } from "./schema.ts";
import { readSource, type ScenarioSource } from "./source.ts";

export interface LoadOptions {
  /** `key=value` as `--set` gives it, in order: the later one wins. */
  readonly overrides?: readonly string[];
  /** In place of the file's seed. */
  readonly seed?: string;
}

/** The largest scenario file: room for an explicit list of 50,000 links, and far from what would tie up the reader. */
const FILE_BYTES_MAX = 2_000_000;

/** Reads, overrides, decodes and checks a scenario. Rejects with `ScenarioError`, which holds every problem found. */
export async function loadScenario(file: string, options: LoadOptions = {}): Promise<Scenario> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new ScenarioError([wholeFile(file, `cannot be read: ${error.message}`)]);
  });
  if (Buffer.byteLength(text) > FILE_BYTES_MAX)
    throw new ScenarioError([wholeFile(file, `is larger than ${FILE_BYTES_MAX} bytes`)]);
  return parseScenario(text, file, options);
}

/** The same for a text in hand; `file` is only named in problems. */
export function parseScenario(text: string, file: string, options: LoadOptions = {}): Scenario {
  const source = readSource(text, file);
  if (source.document === null) throw new ScenarioError(sortProblems(source.problems));
  const document = source.document;
  const problems: ScenarioProblem[] = [];
  const overrides: Override[] = [];
  for (const given of givenOverrides(options)) {
    const override = typeof given === "string" ? decodeOverride(given) : given;
    const problem = "message" in override ? override : applyOverride(document, override);
    if (problem !== null) problems.push(problem);
    else if ("value" in override) overrides.push(override);
  }
  const decoded = decode(document);
  problems.push(...decoded.findings.map((finding) => locate(finding, source, overrides)));
  if (problems.length > 0 || decoded.settings === null) throw new ScenarioError(sortProblems(problems));
  return { ...decoded.settings, document };
}

function givenOverrides({ overrides = [], seed }: LoadOptions): (string | Override)[] {
  return seed === undefined
    ? [...overrides]
    : [...overrides, { text: `seed=${seed}`, path: ["seed"], value: seed }];
}

function decode(document: Record<string, unknown>): {
  settings: ScenarioSettings | null;
  findings: Finding[];
} {
  const whole = scenarioSchema.safeParse(document, { error: acceptedText });
  if (whole.success) {
    const findings = checkScenario({ ...whole.data, nodeCount: whole.data.nodes.count });
    return { settings: findings.length === 0 ? whole.data : null, findings };
  }
  const findings = [...findingsOf(whole.error.issues, document), ...checkScenario(decodeParts(document))];
  return { settings: null, findings };
}

function locate(finding: Finding, source: ScenarioSource, overrides: readonly Override[]): ScenarioProblem {
  const { path, message } = finding;
  const override = overrideOf(overrides, path, !source.has(path));
  const place =
    override !== null
      ? ({ kind: "override", text: override.text } as const)
      : finding.at === "key"
        ? source.placeOfKey(path)
        : source.placeOf(path);
  return { place, path: path.join("."), message };
}

function wholeFile(file: string, message: string): ScenarioProblem {
  return { place: { kind: "file", file, line: 1, column: 1 }, path: "", message };
}
