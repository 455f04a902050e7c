/** What a probe found. `probed`: null when it found nothing that could be held for or against the fault. */
export interface Evidence {
  readonly probed: boolean | null;
  readonly evidence: string;
}

/** Messages are measured only when nothing holds them up, and while what was asked still holds. */
export const NOT_MEASURED: Evidence = {
  probed: null,
  evidence:
    "no message could be measured: the links changed again, the run ended, or other messages were always in the way",
};

/** One finding of several: all must hold; those that say nothing are left out; nothing at all is null. */
export function joinEvidence(parts: readonly Evidence[]): Evidence {
  const evidence = parts.map((part) => part.evidence).join("; ");
  if (parts.some((part) => part.probed === false)) return { probed: false, evidence };
  return { probed: parts.some((part) => part.probed === true) ? true : null, evidence };
}

/** `node-1, node-2 and 7 more`: evidence is read in a table. */
export function shortList(names: readonly string[], shownMax = 5): string {
  if (names.length <= shownMax) return names.join(", ");
  return `${names.slice(0, shownMax).join(", ")} and ${names.length - shownMax} more`;
}

/** `12 links`, or `9 of 12 links`. */
export function countText(count: number, all: number, noun: string): string {
  const nouns = all === 1 ? noun : `${noun}s`;
  return count === all ? `${all} ${nouns}` : `${count} of ${all} ${nouns}`;
}
