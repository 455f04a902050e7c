import { expect, test } from "vitest";
import { chainJson, NodeUnderTest, Scratch, spawnNode } from "../support/live-process.ts";

interface Identity {
  readonly name: string;
  readonly minerAccount: string;
}

function identityOf(node: NodeUnderTest): Promise<Identity> {
  return node.get<Identity>("/status");
}

test("replicas that share a folder and start at once each get a slot; one that comes back gets the slot and the key of the dead", {
  timeout: 120_000,
}, async () => {
  using scratch = new Scratch();
  const chain = scratch.json("chain.json", chainJson());
  const flags = ["--dir", scratch.dir("shared"), "--dir-slots", "4", "--chain", chain, "--mine", "off"];
  await using nodes = new AsyncDisposableStack();
  const started = await Promise.all(
    Array.from({ length: 4 }, async () => nodes.use(await NodeUnderTest.start(flags))),
  );
  const identities = await Promise.all(started.map(identityOf));
  expect(identities.map(({ name }) => name).sort()).toEqual(["node-1", "node-2", "node-3", "node-4"]);
  expect(new Set(identities.map(({ minerAccount }) => minerAccount)).size).toBe(4);

  const oneMore = spawnNode(flags);
  expect(await oneMore.exited).toEqual({ code: 1, signal: null });
  expect(oneMore.output.stderr).toContain("all 4 folders of");
  expect(oneMore.output.stderr).toContain("--dir-slots");

  const victim = started[2];
  if (victim === undefined) throw new Error("four were started");
  const before = await identityOf(victim);
  victim.child.kill("SIGKILL");
  await victim.exited;
  await using again = await NodeUnderTest.start(flags);
  expect(await identityOf(again)).toMatchObject({ name: before.name, minerAccount: before.minerAccount });
});
