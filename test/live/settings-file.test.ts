import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chainJson, NodeUnderTest, Scratch, spawnNode, until } from "../support/live-process.ts";

/** A file of settings in YAML; its path. */
function settingsFile(scratch: Scratch, name: string, lines: readonly string[]): string {
  const path = scratch.dir(`${name}.yaml`);
  const chain = scratch.json("chain.json", chainJson());
  const own = [`name: ${name}`, `dir: ${scratch.dir(name)}`, `chain: ${chain}`, "mine: off"];
  writeFileSync(path, [`# Of node ${name}.`, ...own, ...lines].join("\n"));
  return path;
}

test("nodes that are told everything by their files find each other, and each logs lines of JSON from its level on", async () => {
  using scratch = new Scratch();
  await using first = await NodeUnderTest.start([
    "--config",
    settingsFile(scratch, "first", ["logLevel: warn"]),
  ]);
  await using second = await NodeUnderTest.start([
    "--config",
    settingsFile(scratch, "second", ["peer:", `  - ${first.url}`]),
  ]);
  await until(async () => ((await first.status()).peers.up === 1 ? true : null));
  second.child.kill("SIGTERM");
  expect((await second.exited).code).toBe(0);
  const lines = second.stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(["started", "link-up", "stopped"]));
  for (const { level, time } of lines) {
    expect(["info", "warn"]).toContain(level);
    expect(new Date(String(time)).toISOString()).toBe(time);
  }
  expect(first.stderr).not.toContain('"info"');
});

test("a file with a key that does not exist ends the start with its place and the key that was meant", async () => {
  using scratch = new Scratch();
  const path = settingsFile(scratch, "wrong", ["hashrate: 5kH/s"]);
  const { exited, output } = spawnNode(["--config", path]);
  expect(await exited).toEqual({ code: 2, signal: null });
  expect(output.stderr).toBe(
    `error: ${path}:6:1: hashrate is no setting of a file; did you mean hashRate?\n`,
  );
});
