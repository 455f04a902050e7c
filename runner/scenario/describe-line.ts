import { isMapping } from "./source.ts";

/** A line of the timeline as the scenario says it, without its time: `partition: [[0-5], [6-9]]`. */
export function describeLine(document: Readonly<Record<string, unknown>>, index: number): string {
  const timeline = document.timeline;
  const line: unknown = Array.isArray(timeline) ? timeline[index] : undefined;
  if (!isMapping(line)) return "";
  return Object.entries(line)
    .filter(([key]) => key !== "at")
    .map(([key, value]) => `${key}: ${inline(value)}`)
    .join(", ");
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (!isMapping(value)) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${inline(inner)}`)
    .join(", ")} }`;
}
