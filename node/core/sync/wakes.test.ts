import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import { RecordingPort } from "../../../test/support/recording-port.ts";
import { aViewState } from "../../../test/support/view-states.ts";
import { Wakes } from "./wakes.ts";

const { genesis } = new BlockAuthor();

test("the earliest wish of a view stands until it is woken; others have their own", () => {
  const port = new RecordingPort();
  const wishes: [view: number, atUs: number][] = [];
  port.wakeAt = (view, atUs) => wishes.push([view, atUs]);
  const wakes = new Wakes(port, 2);
  wakes.atLatest(0, 20);
  wakes.atLatest(0, 30);
  wakes.atLatest(1, 40);
  wakes.atLatest(0, 10);
  wakes.forget(0);
  wakes.atLatest(0, 30);
  expect(wishes).toEqual([
    [0, 20],
    [1, 40],
    [0, 10],
    [0, 30],
  ]);
});

test("a wish is taken back when nothing is waited for, neither bodies nor headers", () => {
  const port = new RecordingPort();
  const wakes = new Wakes(port, 1);
  const state = aViewState(genesis);
  wakes.atLatest(0, 20);
  state.requestedBlock = genesis;
  wakes.answered(state);
  state.requestedBlock = null;
  state.otherRequests = [{ block: genesis, link: 0, attempt: 0, deadlineUs: 20 }];
  wakes.answered(state);
  state.otherRequests = [];
  state.questions = new Map([[0, { count: 1, deadlineUs: 20 }]]);
  wakes.answered(state);
  expect(port.wakeAtUs).toBe(20);
  state.questions.clear();
  wakes.answered(state);
  expect(port.wakeAtUs).toBe(Number.POSITIVE_INFINITY);
});
