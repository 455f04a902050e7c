import { expect, test } from "vitest";
import { decodeTipText } from "./tip-text.ts";

const HASH = "0a".repeat(32);

test("a tip reads back as it was told", () => {
  expect(decodeTipText(`7 ${HASH}`)).toEqual({ height: 7, hash: HASH });
  expect(decodeTipText(`4294967295 ${HASH}`)).toEqual({ height: 2 ** 32 - 1, hash: HASH });
});

test.each([
  "",
  "7",
  `x ${HASH}`,
  `-1 ${HASH}`,
  `7 ${HASH.slice(1)}`,
  `7 ${HASH.toUpperCase()}`,
  `7 ${HASH} `,
  `4294967296 ${HASH}`,
  `1e3 ${HASH}`,
])("%j is no tip", (text) => {
  expect(decodeTipText(text)).toBeNull();
});
