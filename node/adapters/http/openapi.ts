import * as z from "zod";
import { ERRORS, type ErrorCode } from "./error-table.ts";
import { accessOf, bodyKindOf, errorsOf, type Route } from "./route.ts";
import { errorShape } from "./shapes/plain-shapes.ts";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface DocumentWords {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Answers with a field that stands in no schema are wrong: for tests. Clients are told to let pass what they do not know. */
  readonly isStrict?: boolean;
}

/** The OpenAPI 3.1 document of a table of routes: what the server checks is what the document says, because both read the same schemas. */
export function openApiDocument(routes: readonly Route<never>[], words: DocumentWords): JsonObject {
  const schemas = new Map<string, Json>();
  const collect = (schema: z.ZodType, io: "input" | "output") => jsonSchemaOf(schema, io, schemas);
  const answerIo = words.isStrict === true ? "output" : "input";
  collect(errorShape, answerIo);
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = openApiPath(route.path);
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operationOf(route, answerIo, collect);
  }
  const { title, version, description } = words;
  return {
    openapi: "3.1.1",
    info: { title, version, description, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      securitySchemes: { control: { type: "http", scheme: "bearer", description: "FORKLAB_CONTROL_TOKEN" } },
    },
  };
}

/** `/blocks/:hash` as OpenAPI writes it. */
export function openApiPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}");
}

type Collect = (schema: z.ZodType, io: "input" | "output") => Json;

function operationOf(route: Route<never>, answerIo: "input" | "output", collect: Collect): JsonObject {
  const parameters = [
    ...parametersOf(route.params, "path", collect),
    ...parametersOf(route.query, "query", collect),
    ...(route.bodyKind === "bytes" ? [SESSION_PARAMETER] : []),
  ];
  const body = requestBodyOf(route, collect);
  return {
    operationId: operationId(route),
    tags: [route.section],
    summary: `${route.method} ${route.path}`,
    description: route.text,
    ...(accessOf(route) === "control" ? { security: [{ control: [] }] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === null ? {} : { requestBody: body }),
    responses: responsesOf(route, answerIo, collect),
  };
}

const SESSION_PARAMETER: Json = {
  name: "x-forklab-session",
  in: "header",
  required: true,
  schema: { type: "string" },
};

function operationId({ method, path }: Route<never>): string {
  const words = path.split(/[^a-zA-Z0-9]+/).filter((word) => word !== "");
  return [method.toLowerCase(), ...(words.length === 0 ? ["root"] : words)].join("_");
}

/** The fields of a schema of an object, each as a parameter. */
function parametersOf(schema: z.ZodType | undefined, place: "path" | "query", collect: Collect): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = collect(schema, "input") as {
    properties?: JsonObject;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, each]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: each,
  }));
}

function requestBodyOf(route: Route<never>, collect: Collect): JsonObject | null {
  const kind = bodyKindOf(route);
  if (kind === null) return null;
  if (kind === "bytes")
    return {
      required: true,
      content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
    };
  const schema = route.body === undefined ? {} : collect(route.body, "input");
  return { required: kind === "json" || kind === "any-json", content: { "application/json": { schema } } };
}

function responsesOf(route: Route<never>, answerIo: "input" | "output", collect: Collect): JsonObject {
  const content = Object.fromEntries([
    ...(route.answer === null ? [] : [["application/json", { schema: collect(route.answer, answerIo) }]]),
    ...(route.types ?? []).map((type) => [type.split(";")[0] ?? type, {}]),
  ]);
  const hasContent = Object.keys(content).length > 0;
  const responses: Record<string, Json> = {
    [String(route.status ?? 200)]: { description: "Success.", ...(hasContent ? { content } : {}) },
  };
  for (const [status, description] of Object.entries(route.others ?? {}))
    responses[status] = { description, content: { "text/plain": {}, "application/json": {} } };
  const byStatus = Map.groupBy(errorsOf(route), (code) => ERRORS[code].status);
  for (const [status, codes] of [...byStatus].sort(([a], [b]) => a - b))
    responses[String(status)] = withOther(errorResponse(codes), route.others?.[status]);
  return responses;
}

/** A status that the route gives in its own words too. */
function withOther(response: JsonObject, other: string | undefined): Json {
  if (other === undefined) return response;
  const description = `${other}\n\n${String(response.description)}`;
  return { description, content: { "text/plain": {}, "application/json": {} } };
}

function errorResponse(codes: readonly ErrorCode[]): JsonObject {
  const lines = codes.map((code) => `\`${code}\`: ${ERRORS[code].meaning}`);
  const code = { type: "string", enum: codes };
  const narrowed = { type: "object", properties: { error: { type: "object", properties: { code } } } };
  const schema = { allOf: [{ $ref: "#/components/schemas/Error" }, narrowed] };
  return { description: lines.join("\n\n"), content: { "application/json": { schema } } };
}

/** As JSON Schema; what has a name goes to `schemas` and is referred to. */
function jsonSchemaOf(schema: z.ZodType, io: "input" | "output", schemas: Map<string, Json>): Json {
  const made = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Record<string, unknown>;
  const text = JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $schema, $defs = {}, ...rest } = JSON.parse(text) as JsonObject & { $defs?: JsonObject };
  for (const [name, definition] of Object.entries($defs)) schemas.set(name, withoutId(definition));
  return rest;
}

/** The name is the key already. */
function withoutId(definition: Json): Json {
  const { id, ...rest } = definition as Record<string, Json>;
  return rest;
}
