import { Pool } from "undici";
import { expect, test } from "vitest";
import { makePool } from "./make-pool.ts";

test("the pool that is required by itself is the one that the package gives out", async () => {
  const pool = makePool("http://127.0.0.1:1", { connections: 1 });
  expect(pool).toBeInstanceOf(Pool);
  await pool.destroy();
});
