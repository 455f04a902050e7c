import { connect, type Socket } from "node:net";
import Router from "@koa/router";
import { afterEach, expect, test } from "vitest";
import { ClientLimits } from "./client-limits.ts";
import { DEFAULT_LIMITS, type ServerLimits } from "./server-limits.ts";
import { WebServer } from "./web-server.ts";

/** Patience that a test can wait for. */
const SHORT: ServerLimits = { ...DEFAULT_LIMITS, headersMs: 200, requestMs: 400, checkMs: 50 };

const LARGE = Buffer.alloc(64 * 1024 * 1024, "x");

/** Whether each large answer went out whole, once the server has done with it. */
const largeEnds: Promise<boolean>[] = [];
let askedInVain = 0;
const servers: WebServer[] = [];
afterEach(async () => {
  largeEnds.length = 0;
  askedInVain = 0;
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A server with a route that answers at once, one that takes a body, one whose answer no socket swallows, and one that never answers. */
async function serverWith(limits: ServerLimits, clients?: ClientLimits): Promise<number> {
  const router = new Router();
  router.get("/", (ctx) => {
    ctx.body = "here";
  });
  router.post("/", async (ctx) => {
    for await (const _chunk of ctx.req);
    ctx.body = "taken";
  });
  router.get("/large", (ctx) => {
    ctx.body = LARGE;
    largeEnds.push(new Promise((resolve) => ctx.res.once("close", () => resolve(ctx.res.writableFinished))));
  });
  router.get("/never", (ctx) => {
    ctx.respond = false;
    askedInVain += 1;
  });
  const fatal = (error: unknown) => {
    throw error;
  };
  const server = new WebServer({ router, fatal, limits, ...(clients === undefined ? {} : { clients }) });
  servers.push(server);
  return await server.listen("127.0.0.1", 0);
}

/** A connection on which a test writes by hand; what came until it ended. */
class Line {
  readonly socket: Socket;
  readonly ended: Promise<string>;
  text = "";

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (data) => {
      this.text += data;
    });
    // A reset is an end as well.
    this.socket.on("error", () => this.socket.destroy());
    this.ended = new Promise((resolve) => this.socket.once("close", () => resolve(this.text)));
  }

  write(text: string): void {
    this.socket.write(text);
  }

  /** Until this has come so many times. */
  async until(part: string, times = 1): Promise<void> {
    while (this.text.split(part).length <= times)
      await new Promise((resolve) => this.socket.once("data", resolve));
  }
}

const codeIn = (text: string) => /"code":"([a-z-]+)"/.exec(text)?.[1];

test("who sends headers byte by byte is cut off with 408, and others are served meanwhile", async () => {
  const port = await serverWith(SHORT);
  const slow = Array.from({ length: 20 }, () => new Line(port));
  const drips = setInterval(() => {
    for (const line of slow) if (!line.socket.destroyed) line.write("X-Slow: 1\r\n");
  }, 30);
  for (const line of slow) line.write("GET / HTTP/1.1\r\nHost: x\r\n");
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("here");
  const ends = await Promise.all(slow.map(({ ended }) => ended));
  clearInterval(drips);
  expect(new Set(ends.map(codeIn))).toEqual(new Set(["request-timeout"]));
  expect(ends[0]).toMatch(/^HTTP\/1\.1 408 /);
});

test("who sends a body byte by byte is cut off with 408", async () => {
  const port = await serverWith({ ...SHORT, headersMs: 300 });
  const line = new Line(port);
  line.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  const drips = setInterval(() => !line.socket.destroyed && line.write("x"), 30);
  expect(codeIn(await line.ended)).toBe("request-timeout");
  clearInterval(drips);
});

test.each([
  ["nothing at all", ""],
  ["half a line", "GET / HT"],
  ["headers without an end", "GET / HTTP/1.1\r\nHost: x\r\n"],
  ["no body where one was promised", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"],
])("a connection that says %s and keeps still is ended, in words", async (_what, text) => {
  const line = new Line(await serverWith(SHORT));
  line.write(text);
  expect(codeIn(await line.ended)).toBe("request-timeout");
});

test("a connection that keeps still after its answer is ended", async () => {
  const line = new Line(await serverWith({ ...DEFAULT_LIMITS, keepAliveMs: 200 }));
  line.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  expect((await line.ended).match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200"]);
});

test("half a second request has the same time as half a first one", async () => {
  const line = new Line(await serverWith(SHORT));
  line.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await line.until("here");
  line.write("GET / HTTP/1.1\r\n");
  expect((await line.ended).match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 408"]);
});

test("a client that ends its side and one that is gone while an answer is made leave nothing behind", async () => {
  const port = await serverWith({ ...SHORT, idleMs: 300, connectionsMax: 2 });
  const half = new Line(port);
  half.socket.end("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await half.ended).toContain("here");
  const waiting = new Line(port);
  waiting.write("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await waiting.ended).toBe("");
  // Both places are free again.
  const lines = [new Line(port), new Line(port)];
  for (const line of lines) {
    line.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(await line.ended).toContain("here");
  }
});

test("a reader that asks for much and reads nothing is cut off", async () => {
  const port = await serverWith({ ...SHORT, idleMs: 300 });
  const line = new Line(port);
  line.socket.pause();
  line.write("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  while (largeEnds.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await largeEnds[0]).toBe(false);
  line.socket.resume();
  expect((await line.ended).length).toBeLessThan(LARGE.length);
});

test("when too much waits for readers those who were answered first are cut off, and the others are not", async () => {
  const port = await serverWith({ ...DEFAULT_LIMITS, checkMs: 20, unreadBytesMax: 1.5 * LARGE.length });
  const ask = async () => {
    const line = new Line(port);
    line.socket.pause();
    line.write("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const count = largeEnds.length;
    while (largeEnds.length === count) await new Promise((resolve) => setImmediate(resolve));
    return line;
  };
  const [first, second] = [await ask(), await ask()];
  expect(await largeEnds[0]).toBe(false);
  for (const line of [first, second]) line.socket.resume();
  expect(await largeEnds[1]).toBe(true);
  expect((await first.ended).length).toBeLessThan(LARGE.length);
  expect((await second.ended).length).toBeGreaterThan(LARGE.length);
});

test("a connection that asks on while its answers wait is ended, before it has had a thousand made", async () => {
  const port = await serverWith({ ...DEFAULT_LIMITS, requestsUnderWayMax: 4 });
  const line = new Line(port);
  line.write("GET /never HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000));
  expect(await line.ended).toBe("");
  expect(askedInVain).toBe(4);
  // Whoever waits for each answer may ask as often as it likes.
  const patient = new Line(port);
  for (let asked = 1; asked <= 20; asked += 1) {
    patient.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await patient.until("here", asked);
  }
  patient.socket.destroy();
});

test("another method is refused with those that there are", async () => {
  const port = await serverWith(DEFAULT_LIMITS);
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "DELETE" });
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "HEAD, GET, POST"]);
  expect(await answer.json()).toMatchObject({ error: { code: "method-not-allowed" } });
});

test("no more connections than the bound are kept, and a place that is left is free again", async () => {
  const port = await serverWith({ ...DEFAULT_LIMITS, connectionsMax: 2 });
  const first = new Line(port);
  const second = new Line(port);
  for (const line of [first, second]) {
    line.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await line.until("here");
  }
  expect(await new Line(port).ended).toBe("");
  first.socket.destroy();
  await first.ended;
  for (let isServed = false; !isServed; ) {
    const line = new Line(port);
    line.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    isServed = (await line.ended).includes("here");
  }
});

test("a connection carries so many requests, the last answer says so, and one more ends it", async () => {
  const port = await serverWith({ ...DEFAULT_LIMITS, requestsPerSocketMax: 3 });
  const line = new Line(port);
  for (let asked = 1; asked <= 3; asked += 1) {
    line.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await line.until("here", asked);
  }
  line.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const text = await line.ended;
  expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(3);
  expect(text.match(/connection: close/gi)).toHaveLength(1);
});

test.each([
  ["what is no HTTP", "\x16\x03\x01\x02\x00\r\n\r\n", 400, "bad-request"],
  [
    "headers beyond 16 KiB",
    `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${"x".repeat(20_000)}\r\n\r\n`,
    431,
    "headers-too-large",
  ],
  [
    "a chunk that is none",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    400,
    "bad-request",
  ],
  [
    "two lengths",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    400,
    "bad-request",
  ],
])("%s is answered in the shape of every error", async (_what, text, status, code) => {
  const line = new Line(await serverWith(DEFAULT_LIMITS));
  line.write(text);
  const answer = await line.ended;
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({
    error: { code, definite: true, details: {} },
  });
});

test("a client that is counted is refused beyond its rate, with the time to wait, and one that is not is not", async () => {
  const counted = await serverWith(DEFAULT_LIMITS, new ClientLimits(5, []));
  const free = await serverWith(
    DEFAULT_LIMITS,
    new ClientLimits(5, [{ address: "127.0.0.0", prefixBits: 8, family: "ipv4" }]),
  );
  const ask = (port: number) => fetch(`http://127.0.0.1:${port}/`);
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask(counted)));
  const refused = answers.filter(({ status }) => status === 429);
  // Ten at one go, and five a second while it lasts.
  expect(refused.length).toBeGreaterThan(10);
  expect(refused[0]?.headers.get("retry-after")).toBe("1");
  expect(await refused[0]?.json()).toMatchObject({ error: { code: "too-many-requests" } });
  for (const { status } of await Promise.all(Array.from({ length: 40 }, () => ask(free))))
    expect(status).toBe(200);
});

test("a client that is counted has so many connections, and no more", async () => {
  const port = await serverWith(DEFAULT_LIMITS, new ClientLimits(0, []));
  const lines = Array.from({ length: 140 }, () => new Line(port));
  let endedCount = 0;
  for (const { ended } of lines) void ended.then(() => endedCount++);
  while (endedCount < 12) await new Promise((resolve) => setImmediate(resolve));
  const last = lines.find(({ socket }) => !socket.destroyed) as Line;
  last.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await last.until("here");
  expect(endedCount).toBe(12);
  for (const { socket } of lines) socket.destroy();
});
