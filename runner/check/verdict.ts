/** `unknown`: what was recorded says neither yes nor no. */
export type Finding = "true" | "false" | "unknown";

/** One bound that the scenario sets, judged. It reads aloud: who, which observable, which bound, what was observed. */
export interface ExpectationFinding {
  /** As in `expect:`. */
  readonly name: string;
  readonly subject: string;
  readonly observable: string;
  /** With its unit, such as "at most 40 blocks". */
  readonly bound: string;
  /** With its unit; null if there was nothing to observe. */
  readonly observed: string | null;
  readonly finding: Finding;
  /** Where the finding comes from, or why there is none. */
  readonly evidence: string;
}

/** One reason to trust or distrust the run. `unknown` means the check does not apply here, and takes no trust away. */
export interface TrustFinding {
  /** Kebab-case, stable: reports and tests refer to it. */
  readonly check: string;
  /** What the check holds up if it is true. */
  readonly claim: string;
  readonly finding: Finding;
  readonly evidence: string;
}

/**
 * `valid`: every expectation is met, and every check of trust holds. `invalid`: the run can be trusted, and an
 * expectation is not met. `unknown`: the run cannot be trusted, or an expectation could not be judged.
 */
export interface Verdict {
  readonly outcome: "valid" | "invalid" | "unknown";
  /** Of the process: 0, 1, 2 in the order above. */
  readonly exitStatus: 0 | 1 | 2;
  readonly expectations: readonly ExpectationFinding[];
  readonly trust: readonly TrustFinding[];
}
