import fc from "fast-check";
import { expect, test } from "vitest";
import {
  amount,
  decodePayload,
  fieldsOf,
  optional,
  text,
  textOrNumber,
  wholeNumber,
} from "./decode-payload.ts";

test("a flat object has its fields, whatever they are called", () => {
  const anObject = fc.dictionary(
    fc.string(),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string())),
  );
  fc.assert(
    fc.property(anObject, (fields) => {
      expect(fieldsOf(JSON.stringify(fields, null, 1))).toEqual(fields);
    }),
  );
});

test.each([
  ["no JSON", "{"],
  ["a list", "[]"],
  ["null", "null"],
  ["an object in it", '{"a":{"b":1}}'],
  ["an object in a list", '{"a":[{"b":1}]}'],
  ["a name twice", '{"a":1,"a":2}'],
  ["a name twice, once escaped", String.raw`{"a":1,"\u0061":2}`],
])("%s is no payload", (_, payload) => {
  expect(fieldsOf(payload)).toBeNull();
});

const decode = (payload: string) =>
  decodePayload(payload, {
    name: text(3),
    count: wholeNumber(9),
    coins: optional(amount()),
    id: optional(textOrNumber(3)),
  });

test("every field must be there and right, and no other", () => {
  expect(decode('{"name":"abc","count":9}')).toEqual({ value: { name: "abc", count: 9 }, fault: null });
  expect(decode('{"name":"😀😀😀","count":0,"coins":"18446744073709551615","id":7}').value).toEqual({
    name: "😀😀😀",
    count: 0,
    coins: 2n ** 64n - 1n,
    id: 7,
  });
  expect(decode('{"count":9}').fault).toBe("name: a text of 1 to 3 characters expected");
  expect(decode('{"name":"abc","count":9,"other":1}').fault).toBe("other: no such field");
  expect(decode('{"name":"abc","count":9,"__proto__":1}').fault).toBe("__proto__: no such field");
  for (const name of ["", "abcd", "😀😀😀😀", "\ud800", 5, null, ["a"]])
    expect(decode(JSON.stringify({ name, count: 1 })).fault).toMatch(/^name: /);
  for (const count of [-1, 10, 1.5, "1", null, 2 ** 53])
    expect(decode(JSON.stringify({ name: "a", count })).fault).toMatch(/^count: /);
  for (const coins of ["0", "01", "-1", "1.5", "1e3", 5, "18446744073709551616", null])
    expect(decode(JSON.stringify({ name: "a", count: 1, coins })).fault).toMatch(/^coins: /);
  for (const id of ["", -1, 1.5, null, true])
    expect(decode(JSON.stringify({ name: "a", count: 1, id })).fault).toMatch(/^id: /);
});
