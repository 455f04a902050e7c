import { expect, test } from "vitest";
import { NodeCrypto } from "../../node/adapters/node-crypto.ts";
import type { Transaction } from "../../node/core/chain/types.ts";
import { NO_APPLICATIONS } from "../../node/core/rules/application.ts";
import { makeTransactionFacts } from "../../node/core/rules/check-transaction.ts";
import type { SubmitAnswer } from "../backends/backend.ts";
import type { PlannedTransaction, RunPlan } from "../plan.ts";
import type { RunEvent } from "../record/run-event.ts";
import { parseScenario } from "../scenario/load.ts";
import { planRun } from "../scenario/plan-run.ts";
import { AccountKeys } from "./account-keys.ts";
import { IN_FLIGHT_MAX, LATE_MAX_US, type LoadPort, LoadRunner, WAITING_MAX } from "./load-runner.ts";

const GENESIS = "ab".repeat(32);
const ACCEPTED: SubmitAnswer = { outcome: "accepted", code: "" };
const UNKNOWN: SubmitAnswer = { outcome: "unknown", code: "no-answer" };

interface Submission {
  readonly node: number;
  readonly tx: Transaction;
  readonly answer: (answer: SubmitAnswer) => void;
}

/** A node at the end of a slow line: the test gives its answers, when it wants. */
class SlowPort implements LoadPort {
  atUs = 0;
  readonly submissions: Submission[] = [];
  readonly questions: { readonly node: number; readonly answer: (next: number | null) => void }[] = [];

  nowUs(): number {
    return this.atUs;
  }
  submit(node: number, tx: Transaction, answer: Submission["answer"]): void {
    this.submissions.push({ node, tx, answer });
  }
  askSequence(node: number, _account: string, answer: (next: number | null) => void): void {
    this.questions.push({ node, answer });
  }
}

function aLoad(accountCount: number) {
  const plan: RunPlan = planRun(
    parseScenario(
      `{ name: load, duration: 10s, nodes: { count: 1, hashRate: 1kH/s }, chain: { difficulty: 10 }, transactions: { rate: 1/s, accounts: ${accountCount}, kind: post } }`,
      "load.yaml",
    ),
  );
  const port = new SlowPort();
  const events: RunEvent[] = [];
  const keys = new AccountKeys(plan.accounts);
  const load = new LoadRunner(plan, port, { genesisHash: GENESIS, keys }, (event) => events.push(event));
  const due = (account: number, atUs = port.atUs) => load.due(aPost(account, atUs));
  return { load, port, events, keys, due };
}

function aPost(account: number, atUs: number): PlannedTransaction {
  return { atUs, account, fee: 2n, body: { kind: "post", text: `at ${atUs}` } };
}

function at<T>(list: readonly T[], index: number): T {
  const item = list.at(index);
  if (item === undefined) throw new Error(`nothing at ${index}`);
  return item;
}

test("a transaction is signed for the chain, and its id is what the node computes", () => {
  const { port, events, due, keys } = aLoad(2);
  due(1);
  const { tx } = at(port.submissions, 0);
  expect(tx).toMatchObject({ sender: keys.publicKeyOf(1), sequence: 0, fee: 2n });
  const crypto = new NodeCrypto();
  const facts = makeTransactionFacts(tx, {
    genesisHash: GENESIS,
    sha256: (bytes) => crypto.sha256(bytes),
    applications: NO_APPLICATIONS,
    verify: (key, message, signature) => crypto.verify(key, message, signature),
  });
  expect(facts.violation).toBeNull();
  expect(at(events, 0)).toMatchObject({ type: "transaction-submitted", id: facts.id });
});

test("a sequence number is used up by an accepted transaction and by no refused one", () => {
  const { port, due } = aLoad(1);
  due(0);
  at(port.submissions, 0).answer({ outcome: "refused", code: "mempool-full" });
  due(0);
  at(port.submissions, 1).answer(ACCEPTED);
  due(0);
  expect(port.submissions.map(({ tx }) => tx.sequence)).toEqual([0, 0, 1]);
});

test("while an account waits for its answer another of the node steps in; with none free the transaction is late", () => {
  const { port, events, due, keys } = aLoad(2);
  due(0);
  due(0);
  due(0);
  expect(port.submissions.map(({ tx }) => tx.sender)).toEqual([keys.publicKeyOf(0), keys.publicKeyOf(1)]);
  port.atUs = 700_000;
  at(port.submissions, 0).answer(ACCEPTED);
  expect(port.submissions).toHaveLength(3);
  expect(events.filter((event) => event.type === "transaction-submitted").at(-1)).toMatchObject({
    atUs: 700_000,
    plannedAtUs: 0,
  });
});

test("an account whose outcome is unknown asks the node, and goes on where the node says", () => {
  const { port, due } = aLoad(1);
  due(0);
  at(port.submissions, 0).answer(UNKNOWN);
  due(0);
  expect(port.submissions).toHaveLength(1);
  at(port.questions, 0).answer(5);
  expect(port.submissions.map(({ tx }) => tx.sequence)).toEqual([0, 5]);
});

test("a node that cannot say is asked again a second later, not before", () => {
  const { port, due } = aLoad(1);
  due(0);
  at(port.submissions, 0).answer(UNKNOWN);
  due(0);
  at(port.questions, 0).answer(null);
  port.atUs = 999_999;
  due(0);
  expect(port.questions).toHaveLength(1);
  port.atUs = 1_000_000;
  due(0);
  expect(port.questions).toHaveLength(2);
  at(port.questions, 1).answer(0);
  expect(port.submissions).toHaveLength(2);
});

test("after a node lost its memory every account of it asks before it goes on", () => {
  const { load, port, due } = aLoad(1);
  due(0);
  at(port.submissions, 0).answer(ACCEPTED);
  load.nodeForgot(0);
  due(0);
  expect(port.submissions).toHaveLength(1);
  at(port.questions, 0).answer(0);
  expect(at(port.submissions, 1).tx.sequence).toBe(0);
});

test("a refusal that speaks of sequence numbers makes the account ask", () => {
  const { port, due } = aLoad(1);
  due(0);
  at(port.submissions, 0).answer({ outcome: "refused", code: "bad-sequence" });
  due(0);
  expect(port.questions).toHaveLength(1);
});

test("what waited too long is shed and counted, and so is what a full queue has no room for", () => {
  const { load, port, due } = aLoad(1);
  due(0);
  for (let i = 0; i < WAITING_MAX + 3; i++) due(0);
  expect(load.shedCount).toBe(WAITING_MAX + 3);
  port.atUs = LATE_MAX_US + 1;
  at(port.submissions, 0).answer(ACCEPTED);
  expect(port.submissions).toHaveLength(1);
  expect(load.shedCount).toBe(WAITING_MAX + 3);
});

test("a node never owes more than its bound of answers", () => {
  const { port, due } = aLoad(IN_FLIGHT_MAX + 10);
  for (let account = 0; account < IN_FLIGHT_MAX + 10; account++) due(account);
  expect(port.submissions).toHaveLength(IN_FLIGHT_MAX);
  at(port.submissions, 0).answer(ACCEPTED);
  expect(port.submissions).toHaveLength(IN_FLIGHT_MAX + 1);
});
