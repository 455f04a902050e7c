import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { editorJsonSchema, type JsonSchema } from "./json-schema.ts";
import { referencePage } from "./reference-page.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const schema = JSON.parse(read("scenarios/schema.json")) as JsonSchema;
const scenarios = readdirSync(new URL("scenarios/", ROOT)).filter((file) => file.endsWith(".yaml"));

/** JSON Schema, the part that ours has: shares nothing with zod, as an editor does not. */
function accepts(schema: JsonSchema, value: unknown): boolean {
  const { properties = {}, required = [], anyOf, oneOf, items } = schema;
  if (schema.type !== undefined && !hasType(value, schema.type)) return false;
  if ("const" in schema && schema.const !== value) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if (typeof value === "string" && schema.pattern !== undefined && !new RegExp(schema.pattern).test(value))
    return false;
  if (typeof value === "number" && !inBounds(schema, value)) return false;
  if (anyOf !== undefined && !anyOf.some((branch) => accepts(branch, value))) return false;
  if (oneOf !== undefined && oneOf.filter((branch) => accepts(branch, value)).length !== 1) return false;
  if (Array.isArray(value))
    return value.every((item, index) => {
      const own = Array.isArray(items) ? items[index] : items;
      return own === undefined || accepts(own as JsonSchema, item);
    });
  if (typeof value !== "object" || value === null) return true;
  const isClosed = "additionalProperties" in schema && schema.additionalProperties === false;
  return (
    required.every((key) => Object.hasOwn(value, key)) &&
    Object.entries(value).every(([key, inner]) => {
      const own = properties[key];
      return own === undefined ? !isClosed : accepts(own, inner);
    })
  );
}

function hasType(value: unknown, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "null") return value === null;
  return type === "object"
    ? typeof value === "object" && value !== null && !Array.isArray(value)
    : typeof value === type;
}

function inBounds(
  { minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema,
  value: number,
): boolean {
  return (
    value >= (minimum ?? Number.NEGATIVE_INFINITY) &&
    value <= (maximum ?? Number.POSITIVE_INFINITY) &&
    value > (exclusiveMinimum ?? Number.NEGATIVE_INFINITY) &&
    value < (exclusiveMaximum ?? Number.POSITIVE_INFINITY)
  );
}

test("the schema and the reference page in the repository are what the source gives", () => {
  expect(read("scenarios/schema.json")).toBe(editorJsonSchema());
  expect(read("docs/scenario.md")).toBe(referencePage(read("scenarios/partition.yaml")));
});

test.each(scenarios)(
  "an editor finds nothing wrong with %s, which opens with the line that tells it the schema",
  (file) => {
    const text = read(`scenarios/${file}`);
    expect(accepts(schema, parse(text))).toBe(true);
    const [first, second] = text.split("\n");
    expect(first).toBe("# yaml-language-server: $schema=./schema.json");
    expect(second).toMatch(/^# .*\?$/);
  },
);

test("an editor marks planted mistakes", () => {
  const text = read("scenarios/partition.yaml");
  const mistakes: readonly (readonly [string, string])[] = [
    ["duration: 60s", "duration: 60"],
    ["duration: 60s", "duraton: 60s"],
    ["20kH/s ", "20khs "],
    ["difficulty: 17", "difficulty: hard"],
    ["kind: random-regular", "kind: random-reglar"],
    ["degree: 4", "degre: 4"],
    ["median: 40ms", "median: 40"],
    ["rate: 5/s", "rate: 5"],
    ["heal: all", "heal: some"],
    ["heal: all", "heel: all"],
    ["heal: all", "heal: all, crash: 3"],
    ["within: 10s", "within: 10"],
    ["reorgDepth: { max: 40 }", "reorgDepth: 40"],
  ];
  for (const [right, wrong] of mistakes) {
    expect(text).toContain(right);
    expect([wrong, accepts(schema, parse(text.replace(right, wrong)))]).toEqual([wrong, false]);
  }
});
