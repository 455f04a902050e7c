/** What to say of a seed: nothing if nothing was found, else all of it and the command that repeats it. */
export function describeFailure(seed: number, findings: readonly string[]): string {
  if (findings.length === 0) return "";
  return [`seed ${seed} failed:`, ...findings.map((finding) => `  ${finding}`), repeatLine(seed)].join("\n");
}

function repeatLine(seed: number): string {
  return `repeat it with: npm run test:sim -- --seed ${seed}`;
}
