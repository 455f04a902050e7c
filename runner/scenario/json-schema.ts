import * as z from "zod";
import { scenarioSchema } from "./schema.ts";

/** The part of JSON Schema (draft 7) that the scenario's has. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly unit?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** The schema of what a file may say, with `unit` for the reference page; draft 7, which editors know best. */
export function annotatedJsonSchema(): JsonSchema {
  return z.toJSONSchema(scenarioSchema, {
    io: "input",
    target: "draft-7",
    reused: "inline",
    override: ({ jsonSchema }) => {
      // The bounds of exact integers, which zod adds where the scenario names none.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  }) as JsonSchema;
}

/** `scenarios/schema.json`: the same for editors, the unit told in the description. */
export function editorJsonSchema(): string {
  const plain = withoutUnits(annotatedJsonSchema()) as JsonSchema;
  const schema = { title: "Forklab scenario", ...plain };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function withoutUnits(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnits);
  if (typeof value !== "object" || value === null) return value;
  // A schema has a text there; a property of that name would have a schema.
  const entries = Object.entries(value).filter(
    ([key, inner]) => !(key === "unit" && typeof inner === "string"),
  );
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutUnits(inner)]));
}
