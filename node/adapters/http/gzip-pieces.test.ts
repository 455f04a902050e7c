import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compressPiece, joinPieces, storedPiece } from "./gzip-pieces.ts";

test("pieces that were compressed apart unpack to their sum, by zlib", async () => {
  const piece = fc.record({
    text: fc.string({ maxLength: 300 }),
    times: fc.nat({ max: 50 }),
    stored: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (specs) => {
      const texts = specs.map(({ text, times }) => text.toWellFormed().repeat(times));
      const pieces = await Promise.all(
        specs.map(({ stored }, at) => {
          const text = texts[at] ?? "";
          return stored ? storedPiece(text) : compressPiece(Buffer.from(text));
        }),
      );
      expect(gunzipSync(joinPieces(pieces)).toString()).toBe(texts.join(""));
    }),
    { numRuns: 50 },
  );
});

test("a piece that is kept holds no memory but its own bytes", async () => {
  const { deflated } = await compressPiece(Buffer.from("a block, ".repeat(100)));
  expect(deflated.buffer.byteLength).toBe(deflated.length);
});
