/** Something that a scenario says and that cannot be run. */
export interface ScenarioProblem {
  readonly place: Place;
  /** As `--set` takes it: `network.topology.degree`, `timeline.0.at`; empty for the whole file. */
  readonly path: string;
  /** What was found and what is accepted, without the place. */
  readonly message: string;
}

/** Line and column count from 1. An override stands for the place where its value would be. */
export type Place =
  | { readonly kind: "file"; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: "override"; readonly text: string };

/** Every problem of a scenario at once; the command line prints them and exits with status 3. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
  readonly problems: readonly ScenarioProblem[];

  constructor(problems: readonly ScenarioProblem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/** `scenarios/x.yaml:12:5: network.latency: expected ..., found ...` */
export function formatProblem({ place, path, message }: ScenarioProblem): string {
  const where = place.kind === "file" ? `${place.file}:${place.line}:${place.column}` : `--set ${place.text}`;
  return path === "" ? `${where}: ${message}` : `${where}: ${path}: ${message}`;
}

/** In the order of the file; overrides last. Two of one place keep the order they were found in. */
export function sortProblems(problems: readonly ScenarioProblem[]): ScenarioProblem[] {
  return [...problems].sort((a, b) => {
    if (a.place.kind === "override" || b.place.kind === "override")
      return Number(a.place.kind === "override") - Number(b.place.kind === "override");
    return a.place.line - b.place.line || a.place.column - b.place.column;
  });
}

/** What stands in the file, short enough for a line of the terminal. */
export function showValue(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
