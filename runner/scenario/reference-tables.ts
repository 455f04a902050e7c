import type { JsonSchema } from "./json-schema.ts";

/** A Markdown table; cells are Markdown, with `|` escaped here. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A row for the key and, where its value is a mapping, rows for the keys in it: key, value, default, meaning. */
export function rowsOf(path: string, schema: JsonSchema, isRequired: boolean): string[][] {
  const defaultText = isRequired
    ? "required"
    : schema.default === undefined
      ? ""
      : `\`${flow(schema.default)}\``;
  const own = [`\`${path}\``, typeText(schema), defaultText, schema.description ?? ""];
  const inner = [schema, ...(schema.anyOf ?? [])].flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).flatMap(([name, value]) =>
      rowsOf(`${path}.${name}`, value, required.includes(name)),
    ),
  );
  return [own, ...inner];
}

/** One row for each kind of a mapping that has a `kind`. */
export function kindTable(schema: JsonSchema): string {
  const kinds = schema.oneOf ?? schema.anyOf?.find((branch) => branch.oneOf !== undefined)?.oneOf ?? [];
  const rows = kinds.map(({ properties = {} }) => {
    const { kind, ...keys } = properties;
    const details = Object.entries(keys).map(([name, value]) => {
      const preset = value.default === undefined ? "" : `, default ${flow(value.default)}`;
      return `\`${name}\` (${typeText(value)}${preset}): ${value.description ?? ""}`;
    });
    return [typeText(kind ?? {}), details.join(" "), kind?.description ?? ""];
  });
  return table(["kind", "Further keys", "Meaning"], rows);
}

/** What a value looks like, in words. */
export function typeText(schema: JsonSchema): string {
  const { unit, const: constant, enum: words, type } = schema;
  if (constant !== undefined) return `\`${String(constant)}\``;
  if (words !== undefined) return words.map((word) => `\`${String(word)}\``).join(" or ");
  if (unit !== undefined && UNITS_AS_TYPE.has(type ?? "string")) return unit;
  if (schema.oneOf !== undefined && type === undefined) return "mapping with a `kind`";
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeText))].join(", or ");
  const range = rangeText(schema);
  if (type === "integer" || type === "number")
    return [type === "integer" ? "whole number" : "number", range, unit === undefined ? "" : `(${unit})`]
      .filter((part) => part !== "")
      .join(" ");
  if (type === "array") return arrayText(schema);
  return TYPES[type ?? ""] ?? type ?? "";
}

/** Types whose unit says all: "duration" needs no "text" before it. */
const UNITS_AS_TYPE = new Set(["string"]);
const TYPES: Readonly<Record<string, string>> = { object: "mapping", string: "text", null: "`null`" };

function arrayText({ items }: JsonSchema): string {
  if (items === undefined) return "list";
  return Array.isArray(items) ? "pair" : `list of: ${typeText(items as JsonSchema)}`;
}

function rangeText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const low = minimum ?? exclusiveMinimum;
  const high = maximum ?? exclusiveMaximum;
  if (low !== undefined && high !== undefined) return `from ${low} to ${high}`;
  if (low !== undefined) return `from ${low}`;
  return high === undefined ? "" : `to ${high}`;
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${flow(inner)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
