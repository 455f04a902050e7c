import { type ScenarioSettings, scenarioSchema } from "./schema.ts";
import { isMapping } from "./source.ts";

/** What could be decoded of a scenario; a line of the timeline that could not is null. */
export type PartialSettings = Partial<Omit<ScenarioSettings, "timeline">> & {
  readonly timeline?: readonly (ScenarioSettings["timeline"][number] | null)[];
  /** Known even if the rest of `nodes` is not. */
  readonly nodeCount?: number | undefined;
};

/**
 * The sections that can be decoded of a document that as a whole cannot, and the lines of its timeline: so that one
 * mistake does not hide the next.
 */
export function decodeParts(document: Readonly<Record<string, unknown>>): PartialSettings {
  const parts: Record<string, unknown> = {};
  const { shape } = scenarioSchema;
  for (const [key, schema] of Object.entries(shape)) {
    const part = schema.safeParse(document[key]);
    if (part.success) parts[key] = part.data;
  }
  const { nodes, timeline } = document;
  if (parts.timeline === undefined && Array.isArray(timeline)) {
    const line = shape.timeline.unwrap().element;
    parts.timeline = timeline.map((value) => line.safeParse(value).data ?? null);
  }
  const count = isMapping(nodes) ? shape.nodes.shape.count.safeParse(nodes.count).data : undefined;
  return { ...parts, nodeCount: count };
}
