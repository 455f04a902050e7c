import type { IncomingMessage, ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { deliver, GZIP_BYTES_MIN, isSameTag, takesGzip } from "./deliver.ts";
import { Exchange } from "./exchange.ts";
import { refusal, value } from "./reply.ts";

/** A request with these headers, of which no more is looked at. */
const asking = (headers: Record<string, string>) =>
  new Exchange({ headers } as unknown as IncomingMessage, {} as ServerResponse);

const LONG = { text: "0123456789".repeat(GZIP_BYTES_MIN / 5) };

test("a long answer is compressed for who takes it, a short one never, and caches are told", async () => {
  const packed = await deliver(value(LONG), 200, asking({ "accept-encoding": "gzip" }));
  expect(packed.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
  expect(JSON.parse(gunzipSync(packed.body as Buffer).toString())).toEqual(LONG);
  const plain = await deliver(value(LONG), 200, asking({}));
  expect(plain.headers).not.toHaveProperty("content-encoding");
  expect(plain.headers.vary).toBe("accept-encoding");
  const short = await deliver(value({ ok: true }), 200, asking({ "accept-encoding": "gzip" }));
  expect(short).toEqual({
    status: 200,
    headers: { "content-type": expect.any(String) },
    body: '{"ok":true}',
  });
});

test("who has the answer already gets 304 and no body, whichever way it was encoded", async () => {
  const reply = { kind: "bytes", body: Buffer.from("{}"), etag: 'W/"tip-1"' } as const;
  const again = await deliver(reply, 200, asking({ "if-none-match": '"other", W/"tip-1"' }));
  expect(again).toMatchObject({ status: 304, headers: { etag: 'W/"tip-1"' }, body: null });
  const changed = await deliver(reply, 200, asking({ "if-none-match": 'W/"tip-0"' }));
  expect(changed).toMatchObject({ status: 200, headers: { etag: 'W/"tip-1"', "cache-control": "no-cache" } });
});

test("a refusal has the status of its code and the shape of every error", async () => {
  const { status, headers, body } = await deliver(
    refusal("too-many-requests", undefined, { waitSec: 2 }, { "retry-after": "2" }),
    200,
    asking({}),
  );
  expect([status, headers["retry-after"]]).toEqual([429, "2"]);
  expect(JSON.parse(String(body))).toMatchObject({
    error: { code: "too-many-requests", definite: true, details: { waitSec: 2 } },
  });
});

test.each([
  ['"a"', 'W/"a"', true],
  ["*", 'W/"a"', true],
  ['W/"b", "a" ', 'W/"a"', true],
  ["", 'W/"a"', false],
  ['"ab"', 'W/"a"', false],
])("If-None-Match %s against %s: %s", (given, etag, same) => {
  expect(isSameTag(given, etag)).toBe(same);
});

test.each([
  ["gzip", true],
  ["br;q=1.0, gzip;q=0.5", true],
  ["*", true],
  ["gzip;q=0", false],
  ["gzip; q=0.000", false],
  ["br, deflate", false],
  ["", false],
])("Accept-Encoding %s takes gzip: %s", (given, takes) => {
  expect(takesGzip(given)).toBe(takes);
});
