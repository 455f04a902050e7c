import { hash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { until } from "../../../test/support/live-process.ts";
import { HEADER_BYTES, NONCE_OFFSET } from "../../core/chain/header-bytes.ts";
import type { Find } from "./hasher.ts";
import { HASHES_PER_SEC_WITHOUT_THREAD_MAX, HasherGroup } from "./hasher-group.ts";

const HEADER = new Uint8Array(HEADER_BYTES).fill(3);
const NEVER = 0n;

let group: HasherGroup;
afterEach(() => group.close());

function aGroup(threadCount: number | null, onFound: (find: Find) => void = () => undefined): HasherGroup {
  portCountBefore = portCount();
  group = new HasherGroup({
    threadCount,
    onFound,
    onFailure: (error) => {
      throw error;
    },
  });
  return group;
}

const isMeant = ({ nonce }: Find, target: bigint) => {
  const bytes = Buffer.from(HEADER);
  bytes.writeBigUInt64BE(nonce, NONCE_OFFSET);
  return BigInt(`0x${hash("sha256", bytes, "hex")}`) <= target;
};

test("several threads try nonces of their own, and what they try adds up", async () => {
  const finds: Find[] = [];
  const target = 2n ** 244n;
  let id = 0;
  const own = aGroup(3, (find) => {
    finds.push(find);
    next();
  });
  const next = () => own.setWork({ id: ++id, headerBytes: HEADER, target, sinceMs: 0 });
  group.setRate(3_000_000);
  next();
  const parts = () => new Set(finds.map(({ nonce }) => nonce >> 56n));
  await until(() => (parts().size === 3 ? true : null), 30_000);
  expect([...parts()].sort()).toEqual([0n, 1n, 2n]);
  expect(finds.every((find) => isMeant(find, target))).toBe(true);
  expect(group.hashesTried()).toBeGreaterThan(finds.length);
});

test("two threads keep a rate together", async () => {
  aGroup(2).setWork({ id: 1, headerBytes: HEADER, target: NEVER, sinceMs: 0 });
  const rate = 200_000;
  group.setRate(rate);
  await until(() => (group.hashesTried() > 0.2 * rate ? true : null), 30_000);
  // A machine that is busy with something else may keep them from it for a while; any second of peace will do.
  await until(async () => Math.abs((await rateOverMs(1_000)) / rate - 1) < 0.05 || null, 40_000);
});

test("a small rate is hashed without a thread, to the hash; a larger one starts one, and loses no count", async () => {
  aGroup(null).setRate(HASHES_PER_SEC_WITHOUT_THREAD_MAX);
  group.setWork({ id: 1, headerBytes: HEADER, target: NEVER, sinceMs: 0 });
  expect(threads()).toBe(0);
  await until(
    async () => Math.abs((await rateOverMs(500)) / HASHES_PER_SEC_WITHOUT_THREAD_MAX - 1) < 0.02 || null,
    40_000,
  );
  expect(threads()).toBe(0);

  const before = group.hashesTried();
  group.setRate(2 * HASHES_PER_SEC_WITHOUT_THREAD_MAX);
  expect(threads()).toBe(1);
  expect(group.hashesTried()).toBeGreaterThanOrEqual(before);
  await until(() => (group.hashesTried() > before + HASHES_PER_SEC_WITHOUT_THREAD_MAX ? true : null), 30_000);
  // The thread stays, for when the rate is large again.
  group.setRate(1);
  expect(threads()).toBe(1);
  await group.close();
  expect(threads()).toBe(0);
});

/** Threads that were started here, beside those of the test's own process. */
const threads = () => portCount() - portCountBefore;
const portCount = () => process.getActiveResourcesInfo().filter((name) => name === "MessagePort").length;
let portCountBefore = 0;

async function rateOverMs(ms: number): Promise<number> {
  const [startMs, before] = [performance.now(), group.hashesTried()];
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ((group.hashesTried() - before) * 1_000) / (performance.now() - startMs);
}
