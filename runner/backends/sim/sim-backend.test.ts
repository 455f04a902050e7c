import { expect, test } from "vitest";
import { NO_SIGNATURE, signingBytes } from "../../../node/core/chain/transaction-bytes.ts";
import type { Hex, Transaction } from "../../../node/core/chain/types.ts";
import { EVERY_FAULT_WORD } from "../../faults/fault-words.ts";
import type { Fault } from "../../plan.ts";
import type { RunEvent } from "../../record/run-event.ts";
import { parseScenario } from "../../scenario/load.ts";
import { planRun } from "../../scenario/plan-run.ts";
import type { Backend, SubmitAnswer } from "../backend.ts";
import { createSimBackend } from "./sim-backend.ts";

const SCENARIO = `
name: contract
seed: 5
duration: 60s
nodes: { count: 4, hashRate: 20kH/s }
chain: { difficulty: 16 }
network: { topology: { kind: ring } }
transactions: { rate: 1/s, confirmations: 2 }
timeline:
  - { at: 10s, crash: 3, for: 5s }
`;

const { signal } = new AbortController();

function makeBackend(...overrides: string[]): { backend: Backend; events: RunEvent[] } {
  const plan = planRun(parseScenario(SCENARIO, "contract.yaml", { overrides }));
  const events: RunEvent[] = [];
  return {
    backend: createSimBackend({ plan, folder: "unused", emit: (event) => events.push(event) }),
    events,
  };
}

async function started(...overrides: string[]) {
  const { backend, events } = makeBackend(...overrides);
  const outcome = await backend.start(signal);
  if (!outcome.ok) throw new Error(outcome.reason);
  return { backend, events, genesisHash: outcome.genesisHash };
}

function aTransfer(backend: Backend, genesisHash: Hex, sequence = 0): Transaction {
  const signer = backend.keys.signerOf(0);
  const body = { kind: "transfer", recipient: backend.keys.publicKeyOf(1), amount: 1n } as const;
  const unsigned = { body, sender: signer.publicKey, sequence, fee: 0n, signature: NO_SIGNATURE };
  return { ...unsigned, signature: signer.sign(signingBytes(unsigned, genesisHash)) };
}

function submit(backend: Backend, node: number, tx: Transaction): SubmitAnswer[] {
  const answers: SubmitAnswer[] = [];
  backend.submit(node, tx, (answer) => answers.push(answer));
  return answers;
}

test("starting tells of every node, at time 0, before anything else", async () => {
  const { backend, events } = await started();
  expect(events).toEqual(
    [0, 1, 2, 3].map((node) => ({ type: "node-changed", atUs: 0, node, state: "started" })),
  );
  expect(backend.nowUs()).toBe(0);
  expect(backend.clock).toBe("virtual");
});

test("a run goes to the very time that it was asked for, and stands still there", async () => {
  const { backend, events } = await started();
  await backend.runUntil(7_123_457, signal);
  expect(backend.nowUs()).toBe(7_123_457);
  const count = events.length;
  await backend.runUntil(7_123_457, signal);
  expect(events.length).toBe(count);
  expect(events.every(({ atUs }) => atUs <= 7_123_457)).toBe(true);
  expect(events.some(({ type }) => type === "block-mined")).toBe(true);
});

test("events come in the order of time, and in slices as in one piece", async () => {
  const [whole, slices] = [await started(), await started()];
  await whole.backend.runUntil(30_000_000, signal);
  for (let atUs = 0; atUs <= 30_000_000; atUs += 1_000_000 / 3)
    await slices.backend.runUntil(Math.floor(atUs), signal);
  await slices.backend.runUntil(30_000_000, signal);
  expect(slices.events).toEqual(whole.events);
  expect(whole.events.map(({ atUs }) => atUs)).toEqual(
    whole.events.map(({ atUs }) => atUs).toSorted((a, b) => a - b),
  );
});

test("every node is sampled once a second", async () => {
  const { backend, events } = await started();
  await backend.runUntil(5_000_000, signal);
  const samples = events.filter(({ type }) => type === "node-sampled");
  expect(samples.map(({ atUs }) => atUs)).toEqual(
    [1, 2, 3, 4, 5].flatMap((sec) => Array(4).fill(sec * 1_000_000)),
  );
});

test("an aborted run does not go on", async () => {
  const { backend } = await started();
  await expect(backend.runUntil(1_000_000, AbortSignal.abort())).rejects.toThrow();
  expect(backend.nowUs()).toBe(0);
});

const FAULTS: readonly Fault[] = [
  { word: "partition", cut: [[0, 1]] },
  { word: "heal", links: null },
  { word: "latency", links: [[0, 1]], latency: { kind: "constant", delayUs: 5 } },
  { word: "loss", links: null, ratio: 0.5 },
  { word: "bandwidth", nodes: [0], bitsPerSec: 1_000_000 },
  { word: "hashRate", nodes: [1, 2], hashesPerSec: 0 },
  { word: "crash", nodes: [3] },
  { word: "restart", nodes: [3] },
  { word: "pause", nodes: [2] },
  { word: "resume", nodes: [2] },
];

test("every fault word is carried out at once, and seen at work", async () => {
  expect(new Set(FAULTS.map(({ word }) => word))).toEqual(EVERY_FAULT_WORD);
  const { backend, events } = await started();
  await backend.runUntil(2_000_000, signal);
  const from = events.length;
  for (const fault of FAULTS)
    expect(await backend.apply(fault)).toMatchObject({ applied: true, appliedAtUs: 2_000_000, probed: true });
  expect(events.slice(from)).toEqual(
    [
      [3, "crashed"],
      [3, "started"],
      [2, "paused"],
      [2, "resumed"],
    ].map(([node, state]) => ({ type: "node-changed", atUs: 2_000_000, node, state })),
  );
});

test("a submission is answered before the call returns, once", async () => {
  const { backend, genesisHash } = await started();
  const tx = aTransfer(backend, genesisHash);
  expect(submit(backend, 0, tx)).toEqual([{ outcome: "accepted", code: "" }]);
  expect(submit(backend, 0, tx)).toEqual([{ outcome: "refused", code: "already-known" }]);
  expect(submit(backend, 0, { ...tx, sequence: 1 })).toEqual([{ outcome: "refused", code: "bad-signature" }]);
});

test("a node that is down or stands still gives no answer that can be trusted", async () => {
  const { backend, genesisHash } = await started();
  const tx = aTransfer(backend, genesisHash);
  const sequences: (number | null)[] = [];
  const ask = (node: number) => backend.askSequence(node, tx.sender, (next) => sequences.push(next));
  await backend.apply({ word: "crash", nodes: [1] });
  await backend.apply({ word: "pause", nodes: [2] });
  for (const node of [1, 2]) {
    expect(submit(backend, node, tx)).toEqual([{ outcome: "unknown", code: "no-answer" }]);
    ask(node);
  }
  ask(0);
  submit(backend, 0, tx);
  ask(0);
  expect(sequences).toEqual([null, null, 0, 1]);
});

test("the snapshot looks at the nodes that are up", async () => {
  const { backend } = await started();
  expect(backend.snapshot()).toEqual({
    heightMin: 0,
    heightMax: 0,
    tipCount: 1,
    mempoolCountMax: 0,
    nodesUp: 4,
  });
  await backend.apply({ word: "crash", nodes: [0, 1, 2, 3] });
  expect(backend.snapshot()).toEqual({
    heightMin: null,
    heightMax: null,
    tipCount: 0,
    mempoolCountMax: null,
    nodesUp: 0,
  });
});

test("stopping says how every node ended, with its coins; and once more the same", async () => {
  const { backend } = await started();
  await backend.runUntil(20_000_000, signal);
  await backend.apply({ word: "crash", nodes: [3] });
  const ends = await backend.stop();
  expect(await backend.stop()).toEqual(ends);
  expect(ends.map(({ node, up }) => [node, up])).toEqual([
    [0, true],
    [1, true],
    [2, true],
    [3, false],
  ]);
  for (const end of ends.slice(0, 3)) {
    expect(end.height).toBeGreaterThan(0);
    expect(end.coins).toBe(end.coinsExpected);
    expect(end.coins).not.toBeNull();
  }
  expect(ends[3]).toMatchObject({
    tipHash: null,
    height: null,
    coins: null,
    coinsExpected: null,
    failure: null,
  });
});

test("a chain that must be hashed is refused with a reason", async () => {
  const { backend } = makeBackend("chain.seal=hash");
  expect(await backend.start(signal)).toMatchObject({ ok: false, reason: expect.stringContaining("seal") });
});
