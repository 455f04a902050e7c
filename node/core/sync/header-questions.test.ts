import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import { RecordingPort } from "../../../test/support/recording-port.ts";
import { aViewState } from "../../../test/support/view-states.ts";
import { HEADERS_TIMEOUT_US, HeaderQuestions, QUESTION_COUNT_MAX } from "./header-questions.ts";
import { locatorFrom } from "./header-sync.ts";
import { Wakes } from "./wakes.ts";

const author = new BlockAuthor();
const known = author.chain(author.genesis, 3).at(-1) ?? author.genesis;

/** A view at genesis that knows the header of `known`, and its questions. */
function aView() {
  const port = new RecordingPort();
  const wakes = new Wakes(port, 1);
  const questions = new HeaderQuestions(port, wakes);
  const state = aViewState(author.genesis);
  /** Time passes until the wish that stands; links that were asked then. */
  const wake = (): number[] => {
    const atUs = port.wakeAtUs ?? Number.NaN;
    port.wakeAtUs = null;
    wakes.forget(0);
    questions.wake(state, atUs);
    return port.take().map(({ link }) => link);
  };
  return { port, questions, state, wake };
}

test("a peer is asked one question at a time, and again when it has answered or its time is over", () => {
  const { port, questions, state } = aView();
  const asked = (link: number, nowUs: number) => {
    questions.ask(state, link, known, nowUs);
    return port.take().length === 1;
  };
  questions.answered(state, 3);
  expect(asked(3, 100)).toBe(true);
  expect(asked(3, 100 + HEADERS_TIMEOUT_US - 1)).toBe(false);
  expect(asked(2, 200)).toBe(true);
  expect(asked(3, 100 + HEADERS_TIMEOUT_US)).toBe(true);
  questions.answered(state, 3);
  expect(asked(3, 101 + HEADERS_TIMEOUT_US)).toBe(true);
  // Views share what they have before their first question.
  expect(aViewState(author.genesis).questions.size).toBe(0);
});

test("a question without an answer is asked again by itself, from the tip, and not without end", () => {
  const { port, questions, state, wake } = aView();
  questions.ask(state, 3, known, 100);
  expect(port.take()).toMatchObject([{ link: 3, message: { locator: locatorFrom(known) } }]);
  expect(port.wakeAtUs).toBe(100 + HEADERS_TIMEOUT_US);
  port.wakeAtUs = null;
  questions.wake(state, 100 + HEADERS_TIMEOUT_US);
  expect(port.take()).toMatchObject([{ link: 3, message: { locator: [author.genesis.hash] } }]);
  for (let count = 2; count < QUESTION_COUNT_MAX; count++) {
    port.wakeAtUs = 100 + count * HEADERS_TIMEOUT_US;
    expect(wake()).toEqual([3]);
  }
  port.wakeAtUs = 100 + QUESTION_COUNT_MAX * HEADERS_TIMEOUT_US;
  expect(wake()).toEqual([]);
  expect([state.questions.size, port.wakeAtUs]).toEqual([0, null]);
});

test("a new reason to ask makes an open question count as its first", () => {
  const { port, questions, state, wake } = aView();
  questions.ask(state, 3, known, 100);
  for (let count = 1; count < QUESTION_COUNT_MAX; count++) wake();
  // The last answer may have been lost before the peer said this.
  questions.ask(state, 3, known, 101 + (QUESTION_COUNT_MAX - 1) * HEADERS_TIMEOUT_US);
  port.take();
  expect(wake()).toEqual([3]);
});

test("each question has its own time, and the wish to be woken goes with the last answer", () => {
  const { port, questions, state, wake } = aView();
  questions.ask(state, 3, known, 100);
  questions.ask(state, 4, known, 500);
  port.take();
  questions.answered(state, 3);
  expect(port.wakeAtUs).toBe(100 + HEADERS_TIMEOUT_US);
  expect(wake()).toEqual([]);
  expect(port.wakeAtUs).toBe(500 + HEADERS_TIMEOUT_US);
  questions.answered(state, 4);
  expect(port.wakeAtUs).toBe(Number.POSITIVE_INFINITY);
});
