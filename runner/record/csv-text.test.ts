import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Column, column } from "./column.ts";
import { decimalText, headerText, msText, recordText } from "./csv-text.ts";

type Texts = readonly (string | null)[];

const WIDTH = 4;
const columns: readonly Column<Texts>[] = Array.from({ length: WIDTH }, (_, i) =>
  column(`c${i}`, "text", null, "A text.", (row) => row[i] ?? null),
);
const nasty = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", "–") });
const row = fc.array(fc.option(nasty), { minLength: WIDTH, maxLength: WIDTH });

test("records are what csv-stringify writes, whatever is in them", () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const ours = rows.map((each) => recordText(columns, each)).join("");
      // By itself it leaves a lone line feed bare when records end in both; RFC 4180 wants either quoted.
      expect(ours).toBe(stringify(rows, { record_delimiter: "\r\n", quoted_match: /[\r\n]/ }));
    }),
  );
});

test("csv-parse reads back what was written", () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const text = headerText(columns) + rows.map((each) => recordText(columns, each)).join("");
      const [header, ...records] = parse(text, { record_delimiter: "\r\n" });
      expect(header).toEqual(["c0", "c1", "c2", "c3"]);
      expect(records).toEqual(rows.map((each) => each.map((cell) => cell ?? "")));
    }),
  );
});

test("whole microseconds are written in ms exactly, up to the largest", () => {
  expect([0, 1, 999, 1_000, 1_500, 60_000_010, -1, -1_500].map(msText)).toEqual([
    "0.000",
    "0.001",
    "0.999",
    "1.000",
    "1.500",
    "60000.010",
    "-0.001",
    "-1.500",
  ]);
  fc.assert(
    fc.property(fc.maxSafeInteger(), (us) => {
      expect(BigInt(msText(us).replace(".", ""))).toBe(BigInt(us));
    }),
  );
});

test("other numbers have no noise at their end, no exponent and no minus before nought", () => {
  expect([0.1 + 0.2, 1 / 3, 1e-9, -1e-9, 2, 100].map((value) => decimalText(value, 6))).toEqual([
    "0.3",
    "0.333333",
    "0",
    "0",
    "2",
    "100",
  ]);
  expect(decimalText(1_200, 0)).toBe("1200");
});

test("what is no number cannot get into a file", () => {
  const broken: Column<null> = column("x", "number", null, "A number.", () => Number.NaN);
  expect(() => recordText([broken], null)).toThrow("must be null");
});
