import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SseParser } from "./sse-parser.ts";

test("id, type and data come out; comments and events without data do not", () => {
  const text =
    ': hello\n\nid: 7\nevent: tip-changed\ndata: {"a":1}\n\nid: 8\n\ndata:first\ndata: second\r\n\r\n';
  expect(new SseParser().push(text)).toEqual([
    { id: "7", type: "tip-changed", data: '{"a":1}' },
    { id: "8", type: "message", data: "first\nsecond" },
  ]);
});

test("it does not matter where the stream is cut", () => {
  const text =
    "id: 1\nevent: x\ndata: one\n\nid: 2\ndata: two\ndata: lines\n\n: ping\n\nid: 3\ndata: three\n\n";
  const whole = new SseParser().push(text);
  expect(whole).toHaveLength(3);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
      const parser = new SseParser();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const pieces = edges.slice(1).map((edge, i) => text.slice(edges[i], edge));
      expect(pieces.flatMap((piece) => parser.push(piece))).toEqual(whole);
    }),
  );
});
