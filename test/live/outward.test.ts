import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { chainJson, NodeUnderTest, Scratch } from "../support/live-process.ts";

/** What a node in a container is told: to listen everywhere, and whom to obey. */
function flags(scratch: Scratch, ...more: string[]): string[] {
  const chain = scratch.json("chain.json", chainJson());
  return ["--dir", scratch.dir("a"), "--chain", chain, "--mine", "off", "--log-level", "warn", ...more];
}

test("a node that listens everywhere tells an address under which it is reached", async () => {
  using scratch = new Scratch();
  await using node = await NodeUnderTest.start(flags(scratch, "--host", "0.0.0.0"));
  const { hostname } = new URL(node.url);
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  expect(own.map(({ address }) => address)).toContain(hostname);
  expect((await node.status()).height).toBe(0);
});

test("whoever calls from elsewhere makes a node call the caller and the allowed networks alone; who is on its machine, anybody", async () => {
  using scratch = new Scratch();
  await using node = await NodeUnderTest.start(
    flags(scratch, "--host", "0.0.0.0", "--discover-in", "192.0.2.0/24"),
  );
  const { hostname, port } = new URL(node.url);
  /** The node's answer to a wish for a peer, said to this address of its own, and so from it. */
  const wish = async (said: string, peer: string) => {
    const response = await fetch(`http://${said}:${port}/peers`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ url: peer }),
    });
    return [response.status, JSON.stringify(await response.json()).includes("address-not-allowed")];
  };
  expect(await wish(hostname, "http://127.0.0.1:9")).toEqual([403, true]);
  expect(await wish(hostname, `http://${hostname}:9`)).toEqual([200, false]);
  expect(await wish("127.0.0.1", "http://127.0.0.1:9")).toEqual([200, false]);
  // A name is judged when it is resolved.
  expect(await wish(hostname, "http://localhost:9")).toEqual([200, false]);
  const { peers } = await node.get<{ peers: { url: string; lastFailure: string }[] }>("/peers");
  expect(peers.find(({ url }) => url === "http://localhost:9")?.lastFailure).toBe(
    "localhost is not in a network that may be called",
  );
});

test("control is obeyed from the networks that were named, with the token, and from nowhere else", {
  timeout: 120_000,
}, async () => {
  using scratch = new Scratch();
  const put = (node: NodeUnderTest) => node.control("PUT", "/control/mining", { mode: "off" });
  {
    await using node = await NodeUnderTest.start(flags(scratch, "--control-from", "192.0.2.0/24"));
    expect(await put(node)).toMatchObject({ status: 403, body: { error: { code: "control-not-local" } } });
  }
  await using node = await NodeUnderTest.start(
    flags(scratch, "--control-from", "192.0.2.0/24", "--control-from", "127.0.0.1"),
  );
  expect((await put(node)).status).toBe(200);
  expect(await node.send("PUT", "/control/mining", { mode: "off" })).toMatchObject({
    status: 401,
    body: { error: { code: "bad-token" } },
  });
});
