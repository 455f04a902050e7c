import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PLAIN_LINKS } from "../../link/link-conditions.ts";
import { LinkShaper, Uplink } from "../../link/link-shaper.ts";
import type { LinkMeasure, LinkMeasured } from "../../ports/peer-directory.ts";
import { splitFrames } from "./frames.ts";
import { LinkSender, QUEUE_BYTES_MAX } from "./link-sender.ts";
import { measureLink, pairSizes } from "./measure-link.ts";
import type { Outgoing } from "./outgoing.ts";
import { encodeProbeFrame, ONE_WAY_KIND, PROBE_BYTES } from "./probe-frames.ts";
import { Probes } from "./probes.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const nowUs = () => Date.now() * 1_000;

/** What one end posts is taken in at the other in the same moment. */
function aSender(shaper: LinkShaper, takeIn: (frame: Uint8Array) => void): LinkSender {
  return new LinkSender(shaper, {
    post: async (bytes) => {
      for (const frame of splitFrames(bytes) ?? []) takeIn(frame);
      return { ok: true, status: 204, body: undefined };
    },
    nowUs,
    late: () => undefined,
    failed: (reason) => expect.unreachable(reason),
  });
}

/** A link of 20 ms in virtual time. `inForce` is what the shaper really does, where that is not what it was told. */
function aLink(uplinkBitsPerSec: number | null, inForce = uplinkBitsPerSec) {
  const condition = { ...PLAIN_LINKS.default, latency: { kind: "constant", delayUs: 20_000 } as const };
  const uplink = new Uplink(inForce);
  const [here, there] = [new Probes(nowUs), new Probes(nowUs)];
  const back = aSender(
    new LinkShaper(new Uplink(null), PLAIN_LINKS.default, "seed", "b", "a"),
    (frame) => void here.onFrame(frame, { send: () => undefined, sendUnshaped: () => undefined }),
  );
  const sender: LinkSender = aSender(
    new LinkShaper(uplink, condition, "seed", "a", "b"),
    (frame) =>
      void there.onFrame(frame, {
        send: (item) => back.send(item),
        sendUnshaped: (item) => back.sendUnshaped(item),
      }),
  );
  const measure = async (request: Partial<LinkMeasure> = {}): Promise<LinkMeasured> => {
    const link = { sender, uplinkBitsPerSec: () => uplinkBitsPerSec, nowUs };
    const found = measureLink(here, link, {
      drawKey: 7,
      uplinkMs: 0,
      waitMs: 2_000,
      deadlineMs: 2_000,
      ...request,
    });
    await vi.advanceTimersByTimeAsync(4_500);
    return await found;
  };
  return { sender, uplink, condition, measure };
}

/** Of a protocol's own, as far as the link can tell. */
function aMessage(sizeBytes: number): Outgoing {
  const bytes = encodeProbeFrame({ kind: ONE_WAY_KIND, id: 0, atUs: 0 });
  return { drawKey: 1, sizeBytes, bytes: () => bytes };
}

test("a message alone takes the latency of its link, and tells nothing of the uplink", async () => {
  expect(await aLink(null).measure()).toEqual({
    sent: true,
    oneWayMs: 20,
    spacingMs: null,
    spacingBytes: null,
  });
});

test.each([
  [2_000, 75],
  [1_000_000, 37_500],
  [100_000_000, 3_750_000],
])("at %i bit/s two messages arrive 300 ms apart, as %i bytes take", async (bitsPerSec, spacingBytes) => {
  const found = await aLink(bitsPerSec).measure({ uplinkMs: 300 });
  expect(found.spacingBytes).toBe(spacingBytes);
  // Timers count whole milliseconds.
  expect(Math.abs((found.spacingMs ?? 0) - 300)).toBeLessThanOrEqual(1);
});

test("an uplink without a limit sets them apart by nothing, however large the second is", async () => {
  expect(await aLink(null).measure({ uplinkMs: 300 })).toMatchObject({
    spacingMs: 0,
    spacingBytes: 16 * 1024 * 1024,
  });
});

test("a shaper that ignores its limit, or keeps an older one, shows", async () => {
  expect((await aLink(1_000_000, null).measure({ uplinkMs: 300 })).spacingMs).toBe(0);
  expect((await aLink(1_000_000, 2_000_000).measure({ uplinkMs: 300 })).spacingMs).toBe(150);
});

test("a block to another peer that is on its way out delays both, and leaves what is between them as it is", async () => {
  const { uplink, measure } = aLink(1_000_000);
  uplink.departUs(nowUs(), 62_500);
  const found = await measure({ uplinkMs: 300 });
  // 500 ms of the block, 12 ms of the first message, then the link.
  expect(Math.abs((found.oneWayMs ?? 0) - 532)).toBeLessThanOrEqual(1);
  expect(Math.abs((found.spacingMs ?? 0) - 300)).toBeLessThanOrEqual(1);
});

test("a message that others would hold up waits until they have arrived", async () => {
  const { sender, condition, measure } = aLink(null);
  sender.setCondition({ ...condition, latency: { kind: "constant", delayUs: 500_000 } });
  sender.send(aMessage(100));
  sender.setCondition(condition);
  const startedUs = nowUs();
  expect(sender.shaper.isHeldUp(startedUs, 7)).toBe(true);
  expect(sender.shaper.isHeldUp(startedUs + 480_000, 7)).toBe(false);
  expect((await measure()).oneWayMs).toBe(20);
});

test("a link that is held up till the deadline, cut, or full is not measured, and does not end for it", async () => {
  const nothing = { sent: false, oneWayMs: null, spacingMs: null, spacingBytes: null };
  const held = aLink(null);
  held.sender.setCondition({ ...held.condition, latency: { kind: "constant", delayUs: 9_000_000 } });
  held.sender.send(aMessage(100));
  held.sender.setCondition(held.condition);
  expect(await held.measure()).toEqual(nothing);
  const cut = aLink(null);
  cut.sender.setCondition({ ...cut.condition, cut: true });
  expect(await cut.measure({ uplinkMs: 300 })).toEqual({ ...nothing, sent: true });
  const full = aLink(null);
  full.sender.send(aMessage(QUEUE_BYTES_MAX / 2));
  const found = full.measure({ drawKey: 1 });
  full.sender.send(aMessage(QUEUE_BYTES_MAX / 2));
  expect(await found).toEqual(nothing);
});

test("messages of a pair are both of one packet, or both of more: only those of one kind are in order", () => {
  for (let rate = 100; rate < 1e10; rate *= 1.1) {
    const { firstBytes, secondBytes } = pairSizes(rate, 300);
    expect(firstBytes > 1_500).toBe(secondBytes > 1_500);
    expect(firstBytes).toBeGreaterThanOrEqual(PROBE_BYTES);
    expect(secondBytes).toBeLessThanOrEqual(16 * 1024 * 1024);
  }
});
