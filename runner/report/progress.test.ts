import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { aPlan } from "../record/a-journal.ts";
import { describePhase } from "./phase.ts";
import { createProgress, progressText, type RunProgress } from "./progress.ts";

const SNAPSHOT: RunProgress = {
  clock: "real",
  nowUs: 28_000_000,
  durationUs: 60_000_000,
  height: 33,
  forkCount: 1,
  mempoolCount: 12,
  phase: "partition: [[0-5], [6-9]], heals in 12 s",
};

class Captured extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly columns = 80;
  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }
  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

test("a line tells time, height, forks, mempool and what goes wrong now", () => {
  expect(progressText(SNAPSHOT, null)).toBe(
    "46 % · 28 s of 60 s · height 33 · 1 fork · mempool 12 · partition: [[0-5], [6-9]], heals in 12 s",
  );
  expect(progressText({ ...SNAPSHOT, clock: "virtual" }, 200)).toContain(
    "█████████░░░░░░░░░░░ virtual 28 s of 60 s",
  );
});

test("what is not known is left out, and a narrow terminal cuts the line", () => {
  const bare = { ...SNAPSHOT, height: null, forkCount: null, mempoolCount: null, phase: null };
  expect(progressText(bare, null)).toBe("46 % · 28 s of 60 s");
  for (const columns of [10, 40, 80])
    expect(progressText(SNAPSHOT, columns).length).toBeLessThanOrEqual(columns);
});

test("without a terminal a plain line comes every five seconds, and the last state at the end", () => {
  const stream = new Captured(false);
  let nowMs = 0;
  const progress = createProgress(stream, () => nowMs);
  for (nowMs = 0; nowMs <= 11_000; nowMs += 500)
    progress.update({ ...SNAPSHOT, nowUs: nowMs * 1_000, phase: null });
  progress.finish();
  const times = stream.text
    .trimEnd()
    .split("\n")
    .map((each) => /· ([\d.]+ m?s) of/.exec(each)?.[1]);
  expect(times).toEqual(["0 ms", "5 s", "10 s", "11 s"]);
});

test("on a terminal one line is redrawn and taken away at the end", () => {
  const stream = new Captured(true);
  let nowMs = 0;
  const progress = createProgress(stream, () => nowMs);
  for (nowMs = 0; nowMs < 1_000; nowMs += 10) progress.update(SNAPSHOT);
  progress.finish();
  expect(stream.text.split("height 33").length - 1).toBeLessThanOrEqual(10);
  expect(stream.text).toContain("height 33");
});

const PLAN = aPlan({
  warmUpUs: 5_000_000,
  timeline: [
    {
      index: 0,
      atUs: 20_000_000,
      description: "partition: [[0], [1]]",
      fault: { word: "partition", cut: [[0, 1]] },
    },
    { index: 1, atUs: 30_000_000, description: "crash: 1", fault: { word: "crash", nodes: [1] } },
    { index: 2, atUs: 40_000_000, description: "heal: all", fault: { word: "heal", links: null } },
    { index: 3, atUs: 50_000_000, description: "restart: 1", fault: { word: "restart", nodes: [1] } },
  ],
});

test.each([
  [1, "warm-up"],
  [10, "next in 10 s: partition: [[0], [1]]"],
  [28, "partition: [[0], [1]], heals in 12 s"],
  [35, "partition: [[0], [1]], heals in 5 s; 1 node down"],
  [45, "1 node down"],
  [55, null],
])("at %i s the phase is told", (seconds, phase) => {
  expect(describePhase(PLAN, seconds * 1_000_000)).toBe(phase);
});
