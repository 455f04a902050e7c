import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { chainJson, NodeUnderTest, Scratch } from "../support/live-process.ts";
import { RegistryUnderTest, spawnRegistry } from "./registry-process.ts";

/**
 * What the clients of the original registry send and expect: at the root of a registry and of a node, and under /registry. The interval is long, so
 * that nothing is looked at meanwhile.
 */
const scratch = new Scratch();
const bases = new Map<string, string>();
let registry: RegistryUnderTest;
let node: NodeUnderTest;

beforeAll(async () => {
  registry = await RegistryUnderTest.start(["-p", "0", "-d", scratch.dir("registry")]);
  const chain = scratch.json("chain.json", chainJson());
  const flags = ["--name", "a", "-d", scratch.dir("a"), "--chain", chain, "--mine", "off"];
  node = await NodeUnderTest.start([...flags, "--log-level", "warn"]);
  bases.set("a registry", registry.url);
  bases.set("a registry, /registry", `${registry.url}/registry`);
  bases.set("a node", node.url);
  bases.set("a node, /registry", `${node.url}/registry`);
}, 150_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await node[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

beforeEach(async () => {
  for (const base of [registry.url, node.url])
    for (const entry of JSON.parse((await send("GET", `${base}/nodes/`)).text))
      await send("DELETE", `${base}/nodes/`, entry);
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type: string | null;
}

/** As `requests` and `curl` do it: any type is welcome, and the body's is what it is. */
async function send(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = { "content-type": "application/json" },
): Promise<Answer> {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(url, { method, headers, ...(text === undefined ? {} : { body: text }) });
  return { status: response.status, text: await response.text(), type: response.headers.get("content-type") };
}

const A = { ip_address: "127.0.0.1", port: 5_001 };
const B = { ip_address: "127.0.0.1", port: 5_002 };

const CASES = ["a registry", "a registry, /registry", "a node", "a node, /registry"].flatMap((where) =>
  ["", "/"].map((slash) => [where, slash] as const),
);

test.each(CASES)(
  "%s, paths that end in %j: every route answers as its clients expect",
  async (where, slash) => {
    const root = `${bases.get(where)}${slash}`;
    const nodes = `${bases.get(where)}/nodes${slash}`;
    const json = { status: 200, type: "application/json; charset=utf-8" };
    expect(await send("GET", root)).toEqual({ ...json, text: "{}" });
    expect(await send("GET", nodes)).toEqual({ ...json, text: "[]" });

    expect(await send("POST", root, A)).toEqual({ ...json, text: JSON.stringify(A) });
    expect(await send("GET", nodes)).toEqual({ ...json, text: JSON.stringify([A]) });
    expect(await send("POST", nodes, B)).toEqual({ ...json, text: JSON.stringify([A, B]) });
    // Never twice, whichever way it comes.
    expect((await send("POST", nodes, B)).text).toBe(JSON.stringify([A, B]));
    expect((await send("POST", root, A)).text).toBe(JSON.stringify(A));
    expect((await send("GET", nodes)).text).toBe(JSON.stringify([A, B]));

    expect(await send("DELETE", nodes, A)).toEqual({ ...json, text: JSON.stringify([B]) });
    expect((await send("DELETE", nodes, A)).text).toBe(JSON.stringify([B]));
    expect((await send("GET", nodes)).text).toBe(JSON.stringify([B]));
  },
);

test.each([...CASES.filter(([, slash]) => slash === "/")])(
  "%s: what is no node changes nothing, and is answered with nothing",
  async (where) => {
    const base = bases.get(where);
    const bad = [
      {},
      [],
      null,
      7,
      "",
      "{",
      "ip_address=127.0.0.1&port=5001",
      { ip_address: "127.0.0.1" },
      { port: 5_001 },
      { ...A, name: "one field too many" },
      { ...A, port: 70_000 },
      { ...A, ip_address: "http://127.0.0.1" },
      { ...A, ip_address: "0.0.0.0" },
    ];
    for (const body of bad) {
      expect([body, (await send("POST", `${base}/`, body)).text]).toEqual([body, "{}"]);
      expect([body, (await send("POST", `${base}/nodes/`, body)).text]).toEqual([body, "[]"]);
      expect([body, (await send("DELETE", `${base}/nodes/`, body)).text]).toEqual([body, "[]"]);
    }
    expect((await send("POST", `${base}/`)).text).toBe("{}");
  },
);

test("the body is JSON whatever its type is called, or if it is called nothing", async () => {
  for (const base of [registry.url, node.url]) {
    for (const type of ["text/plain", "application/x-www-form-urlencoded"])
      expect((await send("POST", `${base}/`, A, { "content-type": type })).text).toBe(JSON.stringify(A));
    const status = await new Promise((resolve) => {
      request(`${base}/`, { method: "POST" }, (answer) => resolve(answer.statusCode)).end(JSON.stringify(B));
    });
    expect(status).toBe(200);
    expect(JSON.parse((await send("GET", `${base}/nodes/`)).text)).toEqual([A, B]);
  }
});

test("the root is JSON to whoever takes anything, and a page to a browser", async () => {
  for (const accept of ["*/*", "application/json"])
    expect(await send("GET", `${node.url}/`, undefined, { accept })).toMatchObject({
      status: 200,
      text: "{}",
    });
  const page = await send("GET", `${node.url}/`, undefined, {
    accept: "text/html,application/xhtml+xml,*/*;q=0.8",
  });
  expect(page.status).toBe(200);
  expect(page.text).toMatch(/^<!doctype html>/i);
});

test("a node tells of neither itself nor, under two names, of one node twice", async () => {
  const own = { ip_address: "127.0.0.1", port: Number(new URL(node.url).port) };
  expect((await send("POST", `${node.url}/`, own)).text).toBe(JSON.stringify(own));
  expect((await send("POST", `${node.url}/nodes/`, { ...own, ip_address: "::ffff:127.0.0.1" })).text).toBe(
    "[]",
  );
  await send("POST", `${node.url}/`, { ip_address: "NODE.example", port: "80" });
  expect((await send("POST", `${node.url}/nodes/`, { ip_address: "node.example", port: 80 })).text).toBe(
    JSON.stringify([{ ip_address: "node.example", port: 80 }]),
  );
});

test("bodies that are too large, and pages of another origin, are refused", async () => {
  for (const base of [registry.url, node.url]) {
    expect((await send("POST", `${base}/`, "x".repeat(5_000))).status).toBe(413);
    const status = await new Promise((resolve) => {
      const headers = { origin: "http://evil.example" };
      const ask = request(`${base}/nodes/`, { method: "POST", headers }, (answer) =>
        resolve(answer.statusCode),
      );
      ask.end(JSON.stringify(A));
    });
    expect(status).toBe(403);
    expect((await send("PUT", `${base}/nodes/`, A)).status).toBe(405);
  }
  expect((await send("GET", `${registry.url}/nowhere`)).status).toBe(404);
  expect((await send("GET", `${registry.url}/health`)).text).toBe('{"ok":true}');
});

test("a list that is flooded keeps its bound and goes on answering", async () => {
  for (let port = 1; port <= 300; port += 1) await send("POST", `${node.url}/`, { ...A, port });
  expect(JSON.parse((await send("GET", `${node.url}/nodes/`)).text)).toHaveLength(256);
});

test("a registry that cannot start says why; one that ends does so cleanly", async () => {
  const inUse = spawnRegistry(["-p", registry.port, "-d", scratch.dir("other")]);
  const misspelt = spawnRegistry(["--dns-ip", "x"]);
  expect(await inUse.exited).toBe(1);
  expect(inUse.output.stderr).toContain(`port ${registry.port} of 127.0.0.1 is in use`);
  expect(await misspelt.exited).toBe(2);
  expect(misspelt.output.stderr).toContain("unknown option '--dns-ip'");
  await using ending = await RegistryUnderTest.start(["-p", "0", "-d", scratch.dir("ending")]);
  ending.child.kill("SIGTERM");
  expect(await ending.exited).toBe(0);
}, 120_000);
