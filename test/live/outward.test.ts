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
