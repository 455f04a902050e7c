import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PLAIN_LINKS } from "../../link/link-conditions.ts";
import { LinkShaper, Uplink } from "../../link/link-shaper.ts";
import { LinkSender, QUEUE_COUNT_MAX } from "./link-sender.ts";
import { outgoingBytes } from "./outgoing.ts";
import type { PeerAnswer } from "./peer-client.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A sender over a link with a constant delay, whose posts are answered when the test says so. */
function aSender(delayUs: number) {
  const posts: { text: string; answer: (answer: PeerAnswer) => void }[] = [];
  const failures: string[] = [];
  const lateUs: number[] = [];
  const condition = { ...PLAIN_LINKS.default, latency: { kind: "constant", delayUs } as const };
  const sender = new LinkSender(new LinkShaper(new Uplink(null), condition, "seed", "a", "b"), {
    post: (bytes) => new Promise((answer) => posts.push({ text: Buffer.from(bytes).toString(), answer })),
    nowUs: () => Date.now() * 1_000,
    late: (us) => lateUs.push(us),
    failed: (reason) => failures.push(reason),
  });
  const send = (text: string) => sender.send(outgoingBytes(Buffer.from(text), 1));
  return { sender, posts, failures, lateUs, condition, send };
}

const ok: PeerAnswer = { ok: true, status: 204, body: undefined };

test("what is sent in one turn goes out as one batch; what comes meanwhile waits for the answer", async () => {
  const { posts, send } = aSender(0);
  send("a");
  send("b");
  await vi.advanceTimersByTimeAsync(0);
  send("c");
  send("d");
  await vi.advanceTimersByTimeAsync(0);
  expect(posts.map(({ text }) => text)).toEqual(["ab"]);
  posts[0]?.answer(ok);
  await vi.advanceTimersByTimeAsync(0);
  expect(posts.map(({ text }) => text)).toEqual(["ab", "cd"]);
});

test("a delayed frame goes out when it is due, and its lateness is told", async () => {
  const { posts, lateUs, send } = aSender(40_000);
  send("a");
  await vi.advanceTimersByTimeAsync(25);
  send("b");
  await vi.advanceTimersByTimeAsync(14);
  expect(posts).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(posts.map(({ text }) => text)).toEqual(["a"]);
  expect(lateUs).toEqual([0]);
  posts[0]?.answer(ok);
  await vi.advanceTimersByTimeAsync(25);
  expect(posts.map(({ text }) => text)).toEqual(["a", "b"]);
});

test("frames that are on their way when the link is cut are lost; those after the cut heals are not", async () => {
  const { sender, posts, condition, send } = aSender(40_000);
  send("a");
  sender.setCondition({ ...condition, cut: true });
  send("b");
  await vi.advanceTimersByTimeAsync(100);
  expect(posts).toEqual([]);
  sender.setCondition(condition);
  send("c");
  await vi.advanceTimersByTimeAsync(100);
  expect(posts.map(({ text }) => text)).toEqual(["c"]);
});

test("what is past the shaper goes out over a cut link too", async () => {
  const { sender, posts, condition } = aSender(40_000);
  sender.setCondition({ ...condition, cut: true });
  sender.sendUnshaped(outgoingBytes(Buffer.from("receipt"), 1));
  await vi.advanceTimersByTimeAsync(0);
  expect(posts.map(({ text }) => text)).toEqual(["receipt"]);
});

test("a post that fails ends the link, once, and sends nothing more", async () => {
  const { posts, failures, send } = aSender(0);
  send("a");
  await vi.advanceTimersByTimeAsync(0);
  send("b");
  posts[0]?.answer({ ok: false, reason: "ECONNREFUSED" });
  await vi.advanceTimersByTimeAsync(10);
  send("c");
  await vi.advanceTimersByTimeAsync(10);
  expect(failures).toEqual(["ECONNREFUSED"]);
  expect(posts).toHaveLength(1);
});

test("a queue beyond its bound ends the link, not from inside the call", async () => {
  const { failures, send } = aSender(1_000_000);
  for (let count = 0; count <= QUEUE_COUNT_MAX; count += 1) send("x");
  expect(failures).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(failures).toHaveLength(1);
});
