import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { EventRing } from "../events/event-ring.ts";
import { READER_LIMITS, type ReaderLimits, serveReader } from "./event-reader.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A feed, and a reader of it over a socket that takes nothing as long as the test does not. */
async function reading(change: Partial<ReaderLimits>) {
  const feed = new EventRing(0);
  const readers = new Set<() => void>();
  const served = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => {
    serveReader(response, { feed, readers }, 0, { ...READER_LIMITS, ...change });
    served.resolve(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket: Socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => socket.destroy());
  socket.pause();
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ends.push(() => {
    socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  const response = await served.promise;
  const closed = new Promise<void>((resolve) => response.once("close", resolve));
  return { feed, readers, socket, response, closed };
}

/** Bytes of an event here. */
const LARGE = "x".repeat(512 * 1024);

/** Tells until the sockets swallow no more. */
async function fill(feed: EventRing, response: ServerResponse): Promise<void> {
  while (response.writableLength === 0) {
    feed.add("large", { LARGE });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("a reader that takes nothing of what waits for it is cut off, and none is left", async () => {
  const { feed, readers, response, closed } = await reading({
    commentIntervalMs: 20,
    waitingBytesMax: 2 ** 30,
  });
  await fill(feed, response);
  expect(readers.size).toBe(1);
  await closed;
  expect(readers.size).toBe(0);
});

test("a reader on whom too much waits is cut off at once", async () => {
  const { feed, readers, closed } = await reading({ waitingBytesMax: 256 * 1024 });
  const more = setInterval(() => feed.add("large", { LARGE }), 5);
  await closed;
  clearInterval(more);
  expect(readers.size).toBe(0);
});

test("a reader that takes its time is kept, and so is one to whom nothing is to be said", async () => {
  const { feed, readers, socket, response } = await reading({
    commentIntervalMs: 20,
    waitingBytesMax: 2 ** 30,
  });
  let text = "";
  socket.on("data", (data) => {
    text += data;
  });
  socket.resume();
  // Many times as long as one that takes nothing would have.
  while (text.split("\n:\n").length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  feed.add("small", {});
  while (!text.includes("event: small")) await new Promise((resolve) => setTimeout(resolve, 5));
  expect([readers.size, response.destroyed]).toEqual([1, false]);
});
