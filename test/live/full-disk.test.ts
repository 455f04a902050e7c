import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { Told } from "../crash/told.ts";
import { chainJson, NodeUnderTest, Scratch, spawnNode } from "../support/live-process.ts";

/** A disk of its own that is as small as wanted; gone with the test. */
class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Null where this user may mount nothing. */
  static mount(path: string, sizeKilobytes: number): SmallDisk | null {
    mkdirSync(path);
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${sizeKilobytes}k`, "tmpfs", path]);
    return status === 0 ? new SmallDisk(path) : null;
  }

  resize(sizeKilobytes: number): void {
    const { status } = spawnSync("mount", ["-o", `remount,size=${sizeKilobytes}k`, this.path]);
    expect(status).toBe(0);
  }

  [Symbol.dispose](): void {
    spawnSync("umount", ["--lazy", this.path]);
  }
}

test("a full disk ends the node in words, and with room it starts again with all that it told of", async ({
  skip,
}) => {
  using scratch = new Scratch();
  using disk = SmallDisk.mount(scratch.dir("disk"), 1_500);
  if (disk === null) return skip("only who may mount a small disk can fill it");
  const chain = scratch.json("chain.json", chainJson());
  const flags = ["--name", "a", "--dir", `${disk.path}/a`, "--chain", chain, "--key-seed", "a"];
  const node = await NodeUnderTest.start([...flags, "--mine", "continuous", "--hash-rate", "80kH/s"]);
  const told = new Told(node);
  const { code } = await node.exited;
  await told.ended();
  expect(node.stderr).toMatch(
    /^forklab node: .*chain\.db cannot be written: the disk is full\. Nothing that this node has acknowledged is lost: make room/m,
  );
  expect(node.stderr).not.toContain("    at ");
  expect(code).toBe(74);
  expect(told.hashes.size).toBeGreaterThan(10);

  const { exited, output } = spawnNode([...flags, "--mine", "continuous", "--hash-rate", "80kH/s"]);
  const again = await exited;
  expect([1, 74]).toContain(again.code);
  expect(output.stderr).toMatch(/^forklab node: .*(full|ENOSPC)/m);

  disk.resize(16_000);
  await using roomy = await NodeUnderTest.start([...flags, "--mine", "off"]);
  for (const hash of told.hashes) expect((await fetch(`${roomy.url}/blocks/${hash}`)).status).toBe(200);
  expect((await roomy.status()).storage).toEqual({ damagedCount: 0, missingCount: 0 });
});
