import { expect, test } from "vitest";
import { LoneMachine } from "../../../test/support/lone-machine.ts";
import { makeGetHeaders } from "../state/messages.ts";
import { REQUEST_TIMEOUT_US } from "../sync/download-limits.ts";
import { HEADERS_TIMEOUT_US } from "../sync/header-questions.ts";
import { headersAfter } from "../sync/header-sync.ts";
import { ATTEMPT_COUNT_MAX } from "../sync/in-flight.ts";

test("a mended link is asked for news, because what was asked through the cut is lost", () => {
  const lone = new LoneMachine();
  lone.linkUp(0);
  const [, block] = lone.author.chain(lone.author.genesis, 2);
  lone.announce(0, block ?? lone.author.genesis);
  expect(lone.port.take().map(({ message }) => message.kind)).toEqual(["get-headers"]);
  // The question was lost; the peer, which could send all the while, has no reason to announce again.
  lone.linkUp(0);
  expect(lone.port.take().map(({ message }) => message.kind)).toEqual(["get-headers"]);
});

test.each([
  ["its own end is mended", (lone: LoneMachine) => lone.linkUp(0)],
  [
    "its peer's end is, and asks",
    (lone: LoneMachine) => lone.machine.onMessage(0, makeGetHeaders([lone.author.genesis.hash]), lone.nowUs),
  ],
])("a body that was asked for through a cut is asked for again at once when %s", (_name, mend) => {
  const lone = new LoneMachine();
  lone.linkUp(0, 1);
  const [here, there] = [lone.author.child(lone.author.genesis), lone.author.child(lone.author.genesis)];
  lone.announce(1, here);
  lone.announce(0, there);
  expect(lone.takeRequests().map(({ link, attempt }) => [link, attempt])).toEqual([
    [1, 0],
    [0, 0],
  ]);
  mend(lone);
  expect(lone.takeRequests()).toEqual([{ link: 0, hash: there.hash, attempt: 1 }]);
});

test("a mended link is asked for what follows the tip, not what follows a header that it may end with itself", () => {
  const lone = new LoneMachine();
  const chain = lone.author.chain(lone.author.genesis, 3);
  lone.linkUp(0, 1);
  lone.headers(0, chain);
  lone.port.take();
  lone.linkUp(1);
  lone.machine.linkDown(0, lone.nowUs);
  const [question] = lone.port.take();
  const locator = question?.message.kind === "get-headers" ? question.message.locator : [];
  lone.headers(1, headersAfter(chain[2] ?? lone.author.genesis, locator));
  lone.serve(chain);
  lone.expectAtRest(chain[2] ?? lone.author.genesis);
});

test("a question for headers whose answer is lost is asked again, also when the peer says nothing more", () => {
  const lone = new LoneMachine();
  const [first, second] = lone.author.chain(lone.author.genesis, 2);
  if (first === undefined || second === undefined) expect.fail("no chain");
  lone.linkUp(0);
  lone.announce(0, second);
  expect(lone.port.take().map(({ message }) => message.kind)).toEqual(["get-headers"]);
  lone.passUs(HEADERS_TIMEOUT_US);
  expect(lone.port.take().map(({ message }) => message.kind)).toEqual(["get-headers"]);
  lone.headers(0, [first, second]);
  lone.serve([first, second]);
  lone.expectAtRest(second);
});

test("a question goes with its link", () => {
  const lone = new LoneMachine();
  const [, second] = lone.author.chain(lone.author.genesis, 2);
  lone.linkUp(0);
  lone.announce(0, second ?? lone.author.genesis);
  lone.machine.linkDown(0, lone.nowUs);
  lone.port.take();
  lone.passUs(2 * HEADERS_TIMEOUT_US);
  expect(lone.port.take()).toEqual([]);
});

test("tries that went into a cut do not count once the link is mended, at whichever end", () => {
  for (const mended of ["here", "there"] as const) {
    const lone = new LoneMachine();
    const chain = lone.author.chain(lone.author.genesis, 3);
    const tip = chain.at(-1) ?? lone.author.genesis;
    lone.linkUp(0);
    lone.headers(0, chain);
    lone.passUs(REQUEST_TIMEOUT_US * (ATTEMPT_COUNT_MAX - 1));
    expect(lone.takeRequests().at(-1)?.attempt).toBe(ATTEMPT_COUNT_MAX - 1);
    if (mended === "here") {
      lone.linkUp(0);
      lone.headers(0, chain);
    } else {
      // What its peer says at such a moment. The announcement alone would not do: a simulation may leave it out.
      lone.announce(0, tip);
      lone.machine.onMessage(0, makeGetHeaders([tip.hash]), lone.nowUs);
    }
    lone.port.take();
    // The bodies of the last tries are lost as well; no word comes from the peer any more.
    lone.passUs(REQUEST_TIMEOUT_US);
    expect(lone.machine.unfinished.inFlightCount).toBe(3);
    lone.serve(chain);
    lone.expectAtRest(tip);
  }
});

test("a peer that asks for headers makes no tries count anew of blocks that it does not have", () => {
  const lone = new LoneMachine();
  const block = lone.author.child(lone.author.genesis);
  lone.linkUp(0, 1);
  lone.announce(0, block);
  for (let count = 0; count < ATTEMPT_COUNT_MAX; count++) {
    lone.machine.onMessage(1, makeGetHeaders([]), lone.nowUs);
    lone.passUs(REQUEST_TIMEOUT_US);
  }
  expect(lone.takeRequests()).toHaveLength(ATTEMPT_COUNT_MAX);
  lone.expectAtRest(lone.author.genesis);
});
