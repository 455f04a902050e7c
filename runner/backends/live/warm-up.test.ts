import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { decodeNodeEvent } from "./decode-event.ts";
import { EventLoopWatch } from "./event-loop-watch.ts";
import type { LastHeard } from "./live-node.ts";
import { type WarmingNode, warmUp } from "./warm-up.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const NEVER = new AbortController().signal;

/** Tells of a second every second; in the seconds before `calmAfterMs` its event loop lags. */
class FakeNode implements WarmingNode {
  readonly hashesPerSec: number;
  readonly toldRates: { readonly rate: number; readonly atMs: number }[] = [];
  readonly heard: { sample: LastHeard["sample"] } = { sample: null };
  readonly eventLoop = new EventLoopWatch();
  readonly client = {
    putMining: (rate: number) => {
      this.toldRates.push({ rate, atMs: performance.now() });
      return Promise.resolve();
    },
  };

  constructor(calmAfterMs: number, hashesPerSec = 10_000) {
    this.hashesPerSec = hashesPerSec;
    const beganMs = performance.now();
    setInterval(() => {
      const isCalm = performance.now() - 1_000 - beganMs >= calmAfterMs;
      const atUs = (performance.timeOrigin + performance.now()) * 1_000;
      const data = JSON.stringify({ atUs, eventLoopLagMsP99: isCalm ? 12 : 300 });
      const decoded = decodeNodeEvent("node-sampled", data);
      if (decoded.kind === "event" && decoded.event.type === "node-sampled")
        this.heard.sample = decoded.event;
    }, 1_000);
  }
}

async function warmUpMs(nodes: readonly FakeNode[], seal: "hash" | "drawn", signal = NEVER): Promise<number> {
  const beganMs = performance.now();
  const done = warmUp(nodes, seal, signal).then(() => performance.now() - beganMs);
  await vi.advanceTimersByTimeAsync(20_000);
  return await done;
}

const wereCalm = (nodes: readonly FakeNode[]) => nodes.map((node) => node.eventLoop.record.wasCalmAtStart);

test("the run begins after a second in which no node lagged, and each node knows", async () => {
  const nodes = [new FakeNode(0), new FakeNode(2_900)];
  const tookMs = await warmUpMs(nodes, "hash");
  expect(tookMs).toBeGreaterThanOrEqual(2_900 + 1_000);
  expect(tookMs).toBeLessThan(2_900 + 2_200);
  expect(wereCalm(nodes)).toEqual([true, true]);
});

test("a second that had begun before the threads were started says nothing", async () => {
  const nodes = [new FakeNode(0)];
  await vi.advanceTimersByTimeAsync(1_900);
  expect(await warmUpMs(nodes, "drawn")).toBeGreaterThanOrEqual(1_000);
});

test("nodes that do not become calm hold up no run for more than some seconds, and are known", async () => {
  const nodes = [new FakeNode(0), new FakeNode(Number.POSITIVE_INFINITY)];
  expect(await warmUpMs(nodes, "hash")).toBeLessThan(7_000);
  expect(wereCalm(nodes)).toEqual([true, false]);
});

test("mining threads are started one after the other, at a rate that finds nothing, and only where there will be mining", async () => {
  const nodes = [new FakeNode(0), new FakeNode(0, 0), new FakeNode(0), new FakeNode(0)];
  await warmUpMs(nodes, "hash");
  expect(nodes.map(({ toldRates }) => toldRates.length)).toEqual([1, 0, 1, 1]);
  const told = nodes.flatMap(({ toldRates }) => toldRates);
  expect(told.every(({ rate }) => rate > 0 && rate * 60 < 0.001)).toBe(true);
  expect(new Set(told.map(({ atMs }) => atMs)).size).toBe(3);
});

test("where blocks are drawn there is no thread to start", async () => {
  const nodes = [new FakeNode(0)];
  await warmUpMs(nodes, "drawn");
  expect(nodes[0]?.toldRates).toEqual([]);
});

test("an interruption ends the waiting", async () => {
  const nodes = [new FakeNode(Number.POSITIVE_INFINITY)];
  expect(await warmUpMs(nodes, "hash", AbortSignal.abort())).toBeLessThan(1_000);
});
