import { createRequire } from "node:module";
import { Client } from "undici";
import { expect, test } from "vitest";
import { makeClient } from "./make-client.ts";

test("the parts that are required by themselves are those that the package gives out", async () => {
  const client = makeClient("http://127.0.0.1:1", {});
  expect(client).toBeInstanceOf(Client);
  expect(createRequire(import.meta.url)("undici/lib/api/api-request.js")).toBe(Client.prototype.request);
  await client.destroy();
});
