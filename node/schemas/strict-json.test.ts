import fc from "fast-check";
import { expect, test } from "vitest";
import { JSON_DEPTH_MAX, parseStrictJson } from "./strict-json.ts";

const parse = (text: string) => parseStrictJson(new TextEncoder().encode(text));

test("every value that JSON.stringify writes is taken for what it is", () => {
  const key = fc.string().filter((name) => !["__proto__", "constructor", "prototype"].includes(name));
  const { tree } = fc.letrec((tie) => ({
    leaf: fc.oneof(
      fc.string(),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    ),
    tree: fc.oneof(
      { depthSize: "small", maxDepth: 6 },
      tie("leaf"),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree, fc.constantFrom(undefined, 1), (value, space) => {
      const text = JSON.stringify(value, null, space);
      expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
    }),
  );
});

test.each([
  ['{"a":1,"a":2}', 'the key "a" twice'],
  ['{"a":1,"\\u0061":2}', 'the key "a" twice'],
  ['[{"x":{"b":"\\\\","b" : 1}}]', 'the key "b" twice'],
  ['{"__proto__":{}}', "the key __proto__"],
  ['{"a":{"constructor" :{}}}', "the key constructor"],
  ['{"\\u005f_proto__":1}', "the key __proto__"],
  ["9007199254740993", "a number beyond 2^53 - 1: 9007199254740993"],
  ['{"a":[-1e400]}', "a number beyond 2^53 - 1: -1e400"],
  [
    `${"[".repeat(JSON_DEPTH_MAX + 1)}${"]".repeat(JSON_DEPTH_MAX + 1)}`,
    `nested more than ${JSON_DEPTH_MAX} deep`,
  ],
  [`${'{"a":'.repeat(20)}1${"}".repeat(20)}`, `nested more than ${JSON_DEPTH_MAX} deep`],
])("%s is refused: %s", (text, fault) => {
  expect(parse(text)).toEqual({ ok: false, fault: `not JSON that is taken here: ${fault}` });
});

test("what only looks like one of these, within a string or as a value, is taken", () => {
  for (const text of [
    '"{\\"a\\":1,\\"a\\":2}"',
    '["a","a","__proto__"]',
    '{"a":"a","b":{"a":"\\\\"}}',
    '["99999999999999999999"]',
  ])
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
});

test("bytes that are no UTF-8 are refused, and what JSON.parse refuses is", () => {
  expect(parseStrictJson(new Uint8Array([0x22, 0xc3, 0x28, 0x22]))).toEqual({
    ok: false,
    fault: "not JSON: the bytes are not UTF-8",
  });
  for (const text of ["", "{", "\ufeff{}", "NaN", "{'a':1}"]) expect(parse(text).ok).toBe(false);
});

test("a body of nothing but brackets or quotes is read in a moment, however long", () => {
  const startMs = performance.now();
  for (const text of ["[".repeat(60_000), `"${"\\\\".repeat(30_000)}"`, `[${'"",'.repeat(20_000)}""]`])
    parse(text);
  expect(performance.now() - startMs).toBeLessThan(2_000);
});
