import type { CellKind } from "./column.ts";
import type { ColumnDescription, ResultTable } from "./result-table.ts";

/** Types of the Table Schema, for each kind of cell. */
const FIELD_TYPES: Record<CellKind, "number" | "integer" | "string" | "boolean"> = {
  ms: "number",
  ratio: "number",
  number: "number",
  integer: "integer",
  text: "string",
  hash: "string",
  hashes: "string",
  boolean: "boolean",
};

/**
 * The descriptor of a results folder by the Data Package standard, version 2 (datapackage.org): for each file its
 * columns with type, unit and meaning. `unit` is a property of our own, which the standard allows.
 */
export function dataPackage(name: string, tables: readonly ResultTable[]): unknown {
  return {
    $schema: "https://datapackage.org/profiles/2.0/datapackage.json",
    name,
    title: `Forklab results: ${name}`,
    resources: tables.map((table) => ({
      name: table.file.replace(/\.csv$/, ""),
      type: "table",
      path: table.file,
      title: table.title,
      description: table.meaning,
      scheme: "file",
      format: "csv",
      mediatype: "text/csv",
      encoding: "utf-8",
      dialect: { delimiter: ",", lineTerminator: "\r\n", quoteChar: '"', doubleQuote: true, header: true },
      schema: {
        $schema: "https://datapackage.org/profiles/2.0/tableschema.json",
        fields: table.columns.map(field),
        missingValues: [""],
        ...(table.key.length === 0 ? {} : { primaryKey: table.key }),
      },
    })),
  };
}

function field({ name, kind, unit, meaning }: ColumnDescription): unknown {
  return { name, type: FIELD_TYPES[kind], ...(unit === null ? {} : { unit }), description: meaning };
}
