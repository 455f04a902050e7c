import { expect, test } from "vitest";
import { analyse } from "../analysis/analyse.ts";
import type { EventLoopRecord, NodeEnd } from "../backends/backend.ts";
import type { Expectation, RunPlan } from "../plan.ts";
import { aJournal, aPlan, GENESIS, type JournalBuilder } from "../record/a-journal.ts";
import type { JudgeContext } from "./context.ts";
import { judge } from "./judge.ts";

const PLAN = aPlan({
  accounts: [{ keySeed: "alice", balance: 1_000n, node: 0 }],
  load: [{ atUs: 5_000, account: 0, fee: 1n, body: { kind: "post", text: "hello" } }],
  timeline: [
    { index: 0, atUs: 1_000_000, description: "crash: 1", fault: { word: "crash", nodes: [1] } },
    { index: 1, atUs: 2_000_000, description: "restart: 1", fault: { word: "restart", nodes: [1] } },
  ],
});

const NODE_ENDS: readonly NodeEnd[] = [0, 1].map((node) => ({
  node,
  up: true,
  tipHash: "b",
  height: 2,
  coins: 1_100n,
  coinsExpected: 1_100n,
  failure: null,
}));

const LIVE: JudgeContext = { isLive: true, interrupted: false, nodeEnds: NODE_ENDS };

const GOOD_SAMPLE = {
  hashesPerSecAsked: 0.2,
  hashesPerSecAchieved: 0.2,
  eventLoopLagMsP99: 3,
  height: 2,
  tipHash: "b",
};

/** A live run with a crash, in which all went as asked. Two blocks of 1,000 hashes would be odd at any faster rate. */
function goodRun(): JournalBuilder {
  return aJournal()
    .submit(0, 5, "t1")
    .submit(0, 6, "t2", "refused")
    .mine(0, 10, "a", GENESIS, { transactionIds: ["t1"] })
    .adopt(1, 50, "a")
    .change(1, 1_000, "crashed")
    .fault(1_000, "crash")
    .change(1, 2_000, "started")
    .fault(2_000, "restart", { fault: 1 })
    .mine(0, 3_000, "b", "a")
    .adopt(1, 3_040, "b")
    .sample(0, 5_000, GOOD_SAMPLE)
    .sample(1, 5_000, GOOD_SAMPLE);
}

function judged(run: JournalBuilder, context = LIVE, plan: RunPlan = PLAN, endUs?: number) {
  return judge(plan, analyse(plan, run.build(), endUs), context);
}

test("a run in which all went as asked is trusted by every check", () => {
  const { outcome, exitStatus, trust } = judged(goodRun());
  expect(trust.filter((each) => each.finding !== "true")).toEqual([]);
  expect([outcome, exitStatus]).toEqual(["valid", 0]);
});

const SUBMITTED = { type: "transaction-submitted", node: 0, kind: "post", fee: 1n } as const;

const A_BLOCK = {
  type: "block-mined",
  atUs: 4_000_000,
  node: 1,
  height: 7,
  timeMs: 4_000,
  work: 1_000n,
  sizeBytes: 200,
  transactionIds: [],
} as const;

/** One planted bug for each check, and the check that must find it. */
const BUGS: readonly [check: string, run: JournalBuilder, context?: Partial<JudgeContext>, endUs?: number][] =
  [
    ["ran-to-end", goodRun(), { interrupted: true }],
    ["ran-to-end", goodRun(), {}, 9_000_000],
    ["faults-seen", goodRun().fault(4_000, "latency", { fault: 2, probed: false, evidence: "no slower" })],
    ["faults-seen", aJournal().mine(0, 10, "b")],
    ["faults-on-time", goodRun().fault(4_000, "latency", { fault: 2, plannedAtUs: 3_000_000 })],
    ["nodes-alive", goodRun().change(0, 4_000, "crashed")],
    ["nodes-alive", goodRun().change(1, 4_000, "stopped")],
    [
      "blocks-accepted",
      goodRun().event({ type: "block-refused", atUs: 9, node: 1, hash: "b", code: "high-hash" }),
    ],
    [
      "block-count",
      goodRun().sample(0, 9_000, { ...GOOD_SAMPLE, hashesPerSecAsked: 90_000, hashesPerSecAchieved: 90_000 }),
    ],
    ["journal-complete", goodRun().receive(1, 20, "never-mined")],
    ["journal-complete", goodRun().event({ ...A_BLOCK, hash: "c", parentHash: "nowhere" })],
    ["journal-complete", goodRun().sample(0, 4_000, { ...GOOD_SAMPLE, tipHash: "never-mined" })],
    ["final-states", goodRun(), { nodeEnds: NODE_ENDS.map((each) => ({ ...each, tipHash: "c" })) }],
    ["final-states", goodRun(), { nodeEnds: NODE_ENDS.slice(1) }],
    ["supply", goodRun(), { nodeEnds: NODE_ENDS.map((each) => ({ ...each, coins: 1_101n })) }],
    ["refusals-kept", goodRun().mine(0, 5_000, "c", "b", { transactionIds: ["t2"] })],
    ["load-on-time", goodRun().event({ ...SUBMITTED, atUs: 9_000_000, id: "t3", plannedAtUs: 0 })],
    ["event-loop", goodRun().sample(0, 6_000, { ...GOOD_SAMPLE, eventLoopLagMsP99: 900 })],
    ["hash-rate", goodRun().sample(1, 9_900, { ...GOOD_SAMPLE, hashesPerSecAchieved: 0.1 })],
    ["clocks", goodRun().mine(1, 4_000, "c", "b").receive(0, 3_990, "c")],
  ];

test.each(BUGS)(
  "%s finds its planted bug, and the run is unknown",
  (check, run, context = {}, endUs = undefined) => {
    const { outcome, exitStatus, trust } = judged(run, { ...LIVE, ...context }, PLAN, endUs);
    expect(trust.filter((each) => each.finding === "false").map((each) => each.check)).toContain(check);
    expect([outcome, exitStatus]).toEqual(["unknown", 2]);
  },
);

test("load-complete finds a load that was shed", () => {
  const load = Array.from({ length: 300 }, (_, i) => ({
    ...PLAN.load[0],
    atUs: i * 1_000,
  })) as RunPlan["load"];
  const { trust } = judged(goodRun(), LIVE, { ...PLAN, load });
  expect(trust.find((each) => each.check === "load-complete")).toMatchObject({ finding: "false" });
});

test("what was due at a node that the scenario took down may be late or missing", () => {
  const load = Array.from({ length: 300 }, (_, i) => ({
    ...PLAN.load[0],
    account: 1,
    atUs: i * 1_000,
  })) as RunPlan["load"];
  const accounts = [...PLAN.accounts, { keySeed: "bob", balance: 0n, node: 1 }];
  const run = goodRun().event({ ...SUBMITTED, node: 1, atUs: 2_100_000, id: "t3", plannedAtUs: 1_100_000 });
  expect(judged(run, LIVE, { ...PLAN, load, accounts }).outcome).toBe("valid");
});

test("a node that hashes nothing while it is down hashes at the rate asked of it", () => {
  const run = goodRun()
    .sample(1, 900, GOOD_SAMPLE)
    .sample(1, 1_900, { ...GOOD_SAMPLE, hashesPerSecAchieved: 0 });
  expect(judged(run).outcome).toBe("valid");
});

test("the lag is told of all moments, of the worst node, and of nodes that were not calm when the run began", () => {
  const evidenceOf = (eventLoops: readonly EventLoopRecord[]) => {
    const nodeEnds = NODE_ENDS.map((end, i) => ({ ...end, ...one(eventLoops[i]) }));
    const { trust } = judged(goodRun(), { ...LIVE, nodeEnds });
    return trust.find((each) => each.check === "event-loop")?.evidence;
  };
  const one = (eventLoop: EventLoopRecord | undefined) => (eventLoop === undefined ? {} : { eventLoop });
  const calm = (...pairs: [number, number][]) => ({ lagCounts: new Map(pairs), wasCalmAtStart: true });
  const ofSamples = "0 % of the samples above 50 ms, 5 % allowed";
  expect(evidenceOf([])).toBe(ofSamples);
  const quick = calm([1, 199], [70, 1]);
  const slow = calm([1, 97], [30, 3]);
  expect(evidenceOf([quick, slow])).toBe(
    `${ofSamples}; 99 % of the time at most 30 ms, at node 1, the worst, 30 ms`,
  );
  expect(evidenceOf([quick, { ...calm([1, 100]), wasCalmAtStart: false }])).toBe(
    `${ofSamples}; 99 % of the time at most 1 ms, at node 0, the worst, 1 ms; the run began before 1 of 2 nodes had a second without lag`,
  );
});

test("every check has a planted bug here", () => {
  const planted = new Set([...BUGS.map(([check]) => check), "load-complete"]);
  expect(
    judged(goodRun())
      .trust.map((each) => each.check)
      .sort(),
  ).toEqual([...planted].sort());
});

test("a live run whose nodes were never sampled is not trusted; a simulated one has nothing to sample", () => {
  const run = aJournal().mine(0, 10, "a").adopt(1, 20, "a");
  const plan = aPlan();
  const context = { interrupted: false, nodeEnds: null };
  const doubts = judged(run, { ...context, isLive: true }, plan).trust.filter(
    (each) => each.finding === "false",
  );
  expect(doubts.map((each) => each.check)).toEqual(["event-loop", "hash-rate"]);
  expect(judged(run, { ...context, isLive: false }, plan).outcome).toBe("valid");
});

function expecting(run: JournalBuilder, ...expectations: Expectation[]) {
  return judged(run, { isLive: false, interrupted: false, nodeEnds: null }, aPlan({ expectations }));
}

const TRUSTED = () => aJournal().mine(0, 10, "a").mine(1, 11, "x").mine(0, 20, "b", "a").adopt(1, 40, "b");

test("a bound is met at its very value, and not beyond", () => {
  const bound = (min: number | null, max: number | null) =>
    expecting(TRUSTED(), { name: "reorgDepth", min, max });
  expect(bound(null, 1)).toMatchObject({ outcome: "valid", exitStatus: 0 });
  expect(bound(1, null)).toMatchObject({ outcome: "valid" });
  expect(bound(null, 0)).toMatchObject({ outcome: "invalid", exitStatus: 1 });
  expect(bound(2, null)).toMatchObject({ outcome: "invalid" });
  expect(bound(null, 0).expectations[0]).toMatchObject({ bound: "at most 0 blocks", observed: "1 block" });
});

test("what was not measured is unknown, and so is a figure that does not exist", () => {
  expect(expecting(TRUSTED(), { name: "confirmationP50", min: null, max: 1 })).toMatchObject({
    exitStatus: 2,
  });
  expect(expecting(TRUSTED(), { name: "happiness", min: 1, max: null })).toMatchObject({ exitStatus: 2 });
});

test("a quantile that was not reached still breaks a bound that the run outlasted", () => {
  const run = aJournal().submit(0, 1_000, "t1").mine(0, 2_000, "a").adopt(1, 2_010, "a");
  expect(expecting(run, { name: "confirmationP50", min: null, max: 5_000_000 })).toMatchObject({
    exitStatus: 1,
  });
  expect(expecting(run, { name: "confirmationP50", min: null, max: 20_000_000 })).toMatchObject({
    exitStatus: 2,
  });
});

const healed = (atMs: number) =>
  aPlan({
    expectations: [{ name: "converged", withinUs: 2_000_000 }],
    timeline: [
      { index: 0, atUs: atMs * 1_000, description: "heal: all", fault: { word: "heal", links: null } },
    ],
  });
const SIMULATED: JudgeContext = { isLive: false, interrupted: false, nodeEnds: null };

test.each([
  ["in time", 1_000, 2_500, "true"],
  ["too late", 1_000, 3_500, "false"],
  ["too late to tell", 9_000, 10_500, "unknown"],
])("convergence %s after a heal", (_name, healMs, agreeMs, finding) => {
  const run = aJournal()
    .mine(0, 10, "a")
    .mine(1, 11, "x")
    .fault(healMs, "heal")
    .mine(0, healMs + 1, "b", "a");
  run.adopt(1, agreeMs, "b");
  const { expectations } = judged(run, SIMULATED, healed(healMs), 10_000_000);
  expect(expectations[0]).toMatchObject({ finding });
});

test("without anything to mend, nodes must agree near the end of the run", () => {
  const within: Expectation = { name: "converged", withinUs: 1_000_000 };
  expect(expecting(TRUSTED(), within)).toMatchObject({ outcome: "valid" });
  expect(expecting(TRUSTED().mine(0, 9_500, "c", "b"), within)).toMatchObject({ outcome: "valid" });
  expect(expecting(TRUSTED().mine(0, 8_500, "c", "b"), within)).toMatchObject({ outcome: "invalid" });
});
