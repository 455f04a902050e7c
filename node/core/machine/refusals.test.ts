import { expect, test } from "vitest";
import { LoneMachine } from "../../../test/support/lone-machine.ts";
import { HELD, REFUSED, UNKNOWN } from "../state/belief-columns.ts";

test("an invalid block ends the link that brought it, in whatever way it comes, and is asked for once", () => {
  const lone = new LoneMachine();
  lone.linkUp(0, 1, 2);
  const bad = lone.author.greedyChild(lone.author.genesis);
  lone.announce(0, bad);
  lone.serve([bad]);
  expect(lone.status(bad)).toBe(REFUSED);
  expect(lone.port.disconnected).toEqual([{ link: 0, reason: "bad-coinbase" }]);
  lone.announce(1, bad);
  lone.body(2, bad);
  expect(lone.takeRequests()).toEqual([]);
  expect(lone.port.disconnected.slice(1)).toEqual([
    { link: 1, reason: "bad-coinbase" },
    { link: 2, reason: "bad-coinbase" },
  ]);
  lone.expectAtRest(lone.author.genesis);
});

test("what follows an invalid block goes with it: asked for, waiting, announced, or new", () => {
  const lone = new LoneMachine();
  lone.linkUp(0, 1, 2);
  const bad = lone.author.greedyChild(lone.author.genesis);
  const after = lone.author.chain(bad, 4);
  const [asked, waiting, announced, unheard] = after as [typeof bad, typeof bad, typeof bad, typeof bad];
  lone.headers(0, [bad, asked, waiting, announced]);
  lone.entryOf(unheard);
  lone.body(1, waiting);
  lone.body(0, bad);
  expect(after.slice(0, 3).map((block) => lone.status(block))).toEqual([REFUSED, REFUSED, REFUSED]);
  expect(lone.status(unheard)).toBe(UNKNOWN);
  expect(lone.port.refused).toEqual([
    { hash: bad.hash, code: "bad-coinbase", source: 0 },
    { hash: waiting.hash, code: "bad-parent", source: 1 },
  ]);
  // Each is ended for what it brought itself, not for what it set off.
  expect(lone.port.disconnected).toEqual([
    { link: 0, reason: "bad-coinbase" },
    { link: 1, reason: "bad-parent" },
  ]);
  lone.body(2, asked);
  lone.announce(2, unheard);
  expect(lone.port.disconnected.slice(2)).toEqual([
    { link: 2, reason: "bad-parent" },
    { link: 2, reason: "bad-parent" },
  ]);
  lone.expectAtRest(lone.author.genesis);
  const good = lone.author.child(lone.author.genesis);
  lone.announce(2, good);
  lone.serve([good]);
  lone.expectAtRest(good);
});

test("an orphan that turns out invalid is no fault of who brought its parent", () => {
  const lone = new LoneMachine();
  lone.linkUp(0, 1);
  const parent = lone.author.child(lone.author.genesis);
  const bad = lone.author.greedyChild(parent);
  lone.announce(0, parent);
  lone.headers(1, [parent, bad]);
  lone.body(1, bad);
  lone.body(0, parent);
  expect(lone.port.disconnected).toEqual([{ link: 1, reason: "bad-coinbase" }]);
  lone.expectAtRest(parent);
});

test("a link that leads to another peer by now is not ended for what the one before brought", () => {
  const lone = new LoneMachine();
  lone.linkUp(0, 1);
  const parent = lone.author.child(lone.author.genesis);
  const bad = lone.author.greedyChild(parent);
  lone.announce(0, parent);
  lone.headers(1, [parent, bad]);
  lone.body(1, bad);
  lone.machine.linkDown(1, lone.nowUs);
  lone.linkUp(1);
  lone.body(0, parent);
  expect(lone.port.refused.map(({ code }) => code)).toEqual(["bad-coinbase"]);
  expect(lone.port.disconnected).toEqual([]);
  lone.expectAtRest(parent);
});

test("a block from the future is not taken now, costs nobody the link, and comes with its child once its time has come", () => {
  const lone = new LoneMachine();
  lone.linkUp(0);
  const ready = lone.author.child(lone.author.genesis);
  const limitMs = lone.nowUs / 1_000 + lone.tree.parameters.futureLimitMs;
  const early = lone.author.child(ready, { header: { timeMs: limitMs + 1 } });
  // What is fine before it is taken all the same.
  lone.headers(0, [ready, early]);
  lone.serve([ready, early]);
  lone.expectAtRest(ready);
  expect(lone.port.refused).toEqual([{ hash: early.hash, code: "time-too-new", source: 0 }]);
  expect(lone.port.disconnected).toEqual([]);
  expect(lone.status(early)).toBe(UNKNOWN);
  lone.passUs(60_000_000);
  const child = lone.author.child(early);
  lone.announce(0, child);
  expect(lone.port.take().map(({ message }) => message.kind)).toEqual(["get-headers"]);
  lone.headers(0, [early, child]);
  lone.serve([early, child]);
  lone.expectAtRest(child);
});

test("a header that is too new does not end the catching up that is under way", () => {
  const lone = new LoneMachine();
  lone.linkUp(0, 1);
  const chain = lone.author.chain(lone.author.genesis, 40);
  const late = lone.author.child(lone.author.genesis, {
    header: { timeMs: lone.nowUs / 1_000 + lone.tree.parameters.futureLimitMs + 1 },
  });
  lone.headers(0, chain);
  lone.announce(1, late);
  lone.serve(chain);
  lone.expectAtRest(chain[39] ?? late);
});

test("a block of one's own that is invalid is refused and blames nobody", () => {
  const lone = new LoneMachine();
  lone.linkUp(0);
  const bad = lone.entryOf(lone.author.greedyChild(lone.author.genesis));
  lone.tree.attachBody(bad, lone.author.tree.get(bad.hash)?.transactions ?? []);
  expect(lone.machine.mined(bad, lone.nowUs)?.code).toBe("bad-coinbase");
  expect(lone.port.disconnected).toEqual([]);
  const good = lone.author.child(lone.author.genesis);
  const own = lone.entryOf(good);
  lone.tree.attachBody(own, good.transactions ?? []);
  expect(lone.machine.mined(own, lone.nowUs)).toBeNull();
  expect(lone.machine.mined(own, lone.nowUs)).toBeNull();
  expect(lone.port.held).toEqual([{ block: own, source: null }]);
  expect(lone.status(good)).toBe(HELD);
});
