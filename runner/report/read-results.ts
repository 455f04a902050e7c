import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import * as z from "zod";

/** A file of results that is missing or is not as docs/results.md has it; the message names it and what is wrong. */
export class ResultsError extends Error {
  override readonly name = "ResultsError";
}

/** The rows of a CSV file, decoded. Rejects with a `ResultsError`. */
export async function readRows<Row>(file: string, schema: z.ZodType<Row>): Promise<Row[]> {
  return await decode(file, z.array(schema), (text) => parse(text, { columns: true }));
}

/** A JSON file, decoded. Rejects with a `ResultsError`. */
export async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  return await decode(file, schema, (text) => JSON.parse(text));
}

/**
 * The manifest of a folder of results. To be read first, and alone: where there is none the folder is none of results, whichever file
 * would be found missing first.
 */
export function readManifest<T>(folder: string, schema: z.ZodType<T>): Promise<T> {
  return readJson(join(folder, "manifest.json"), schema);
}

async function decode<T>(
  file: string,
  schema: z.ZodType<T>,
  parseText: (text: string) => unknown,
): Promise<T> {
  let value: unknown;
  try {
    value = parseText(await readFile(file, "utf8"));
  } catch (error) {
    throw new ResultsError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  const decoded = schema.safeParse(value);
  if (decoded.success) return decoded.data;
  throw new ResultsError(`${file} is not as docs/results.md has it: ${z.prettifyError(decoded.error)}`);
}
