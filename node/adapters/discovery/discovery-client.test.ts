import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { NodeEntry } from "../../core/discovery/node-entry.ts";
import { blockListOf, readNetwork } from "../../schemas/network.ts";
import { DiscoveryClient } from "./discovery-client.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server for one test, which notes what it was asked. */
class Remote implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor(handle: Handler) {
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (data) => {
        body += data;
      });
      request.on("end", () => {
        this.asked.push(`${request.method} ${request.url} ${body}`.trim());
        handle(request, response, body);
      });
    });
  }

  static async start(handle: Handler): Promise<Remote> {
    const remote = new Remote(handle);
    await new Promise<void>((resolve) => remote.#server.listen(0, "127.0.0.1", resolve));
    return remote;
  }

  entry(ip_address = "127.0.0.1"): NodeEntry {
    return { ip_address, port: (this.#server.address() as AddressInfo).port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const OWN = { ip_address: "10.0.0.1", port: 5_000 };
const INSTANCE = "ab".repeat(16);

function client(network = "127.0.0.0/8", change: { registry?: NodeEntry; own?: NodeEntry | null } = {}) {
  const read = readNetwork(network);
  const networks = blockListOf(read === null ? [] : [read]);
  return new DiscoveryClient({ own: OWN, instance: INSTANCE, networks, registry: null, ...change });
}

const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Handler =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
  };

test("a node asks whether others live by showing its own entry, a registry by a look", async () => {
  await using remote = await Remote.start(json({}));
  const target = remote.entry();
  expect(await client().ask({ kind: "check", target })).toEqual({ kind: "alive" });
  expect(await client("127.0.0.0/8", { own: null }).ask({ kind: "check", target })).toEqual({
    kind: "alive",
  });
  expect(remote.asked).toEqual([`POST / ${JSON.stringify(OWN)}`, "GET /"]);
});

test("a list is asked for with the slash that other implementations want, and decoded", async () => {
  await using remote = await Remote.start(json([OWN, { nonsense: 1 }]));
  const answer = await client().ask({ kind: "nodes", target: remote.entry() });
  expect(answer).toEqual({ kind: "nodes", nodes: [OWN] });
  expect(remote.asked).toEqual(["GET /nodes/"]);
});

test("an answer of this very process is known by its instance", async () => {
  await using remote = await Remote.start(json({}, 200, { "x-forklab-instance": INSTANCE }));
  expect(await client().ask({ kind: "check", target: remote.entry() })).toEqual({ kind: "self" });
});

test("redirects are not followed", async () => {
  await using elsewhere = await Remote.start(json({}));
  const { port } = elsewhere.entry();
  await using remote = await Remote.start(json({}, 302, { location: `http://127.0.0.1:${port}/` }));
  const answer = await client().ask({ kind: "check", target: remote.entry() });
  expect(answer).toEqual({ kind: "failed", reason: "status 302" });
  expect(elsewhere.asked).toEqual([]);
});

test.each([
  ["another status", json({}, 404), "check", "status 404"],
  ["no JSON", ((_request, response) => response.end("<html>")) as Handler, "check", "not JSON"],
  ["a bare word", json("yes"), "check", "an answer that is no node's"],
  ["no list", json({}), "nodes", "an answer that is no list"],
  ["a megabyte", json("x".repeat(1024 * 1024)), "nodes", "UND_ERR_RES_EXCEEDED_MAX_SIZE"],
  ["an end without answer", ((request) => request.socket.destroy()) as Handler, "check", "UND_ERR_SOCKET"],
] as const)("%s counts as no answer", async (_what, handle, kind, reason) => {
  await using remote = await Remote.start(handle);
  const answer = await client().ask({ kind, target: remote.entry() });
  expect(answer.kind).toBe("failed");
  if (answer.kind === "failed") expect(answer.reason).toContain(reason);
});

test("one that never answers is given up after two seconds, and at once when the node ends", async () => {
  await using remote = await Remote.start(() => undefined);
  const ask = { kind: "check", target: remote.entry() } as const;
  expect(await client().ask(ask)).toEqual({ kind: "failed", reason: "no answer in time" });
  const ending = client();
  const answer = ending.ask(ask);
  ending.close();
  expect((await answer).kind).toBe("failed");
});

test("nothing outside the allowed networks is called, by address or by name; the registry was named by an operator", async () => {
  await using remote = await Remote.start(json({}));
  const byAddress = await client("10.0.0.0/8").ask({ kind: "check", target: remote.entry() });
  expect(byAddress).toEqual({ kind: "failed", reason: "127.0.0.1 is not in a network that may be called" });
  const target = remote.entry("localhost");
  const byName = await client("10.0.0.0/8").ask({ kind: "check", target });
  expect(byName).toMatchObject({ reason: "localhost is not in a network that may be called" });
  expect(remote.asked).toEqual([]);
  expect(await client("127.0.0.0/8").ask({ kind: "check", target })).toEqual({ kind: "alive" });
  const registry = remote.entry();
  const asked = await client("10.0.0.0/8", { registry }).ask({ kind: "introduce", target: registry });
  expect(asked).toEqual({ kind: "alive" });
});
