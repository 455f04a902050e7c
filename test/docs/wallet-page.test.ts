import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { NodeUnderTest, Scratch } from "../support/live-process.ts";

const PAGE = readFileSync("docs/wallet.md", "utf8");

/** A command of the page, and what it is said to print, stderr before stdout. */
interface Example {
  readonly command: string;
  readonly output: string;
}

function examplesOf(page: string): Example[] {
  const blocks = [...page.matchAll(/```console\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command = "", ...output] = part.trimEnd().split("\n");
        return { command, output: output.join("\n") };
      }),
  );
}

/** Keys, ids and times differ from run to run. */
function alike(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{64}\b/g, "HEX")
    .replaceAll(/"timeMs":\d+/g, '"timeMs":TIME')
    .trimEnd();
}

function shell(command: string, cwd: string, env: Record<string, string>): Promise<string> {
  const child = spawn("sh", ["-c", command], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk: Buffer) => {
      said[name] += chunk.toString();
    });
  return new Promise((done) => child.on("close", () => done(said.stderr + said.stdout)));
}

test("the commands of docs/wallet.md print what it says, in its order, from a real shell", {
  timeout: 120_000,
}, async () => {
  using scratch = new Scratch();
  // In place of npm: the same command, whose own lines would stand between.
  const bin = scratch.dir("bin");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "npm"),
    `#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec ${process.execPath} ${resolve("node/wallet/main.ts")} "$@"\n`,
  );
  chmodSync(join(bin, "npm"), 0o755);
  const env: Record<string, string> = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: scratch.path,
    FORKLAB_WALLET_PASSPHRASE: "correct horse battery",
    NODE_COMPILE_CACHE: join(tmpdir(), "forklab-test-cache"),
  };
  await using nodes = new AsyncDisposableStack();
  let url = "";
  const examples = examplesOf(PAGE);
  expect(examples.length).toBeGreaterThan(12);
  for (const { command, output } of examples) {
    if (command.startsWith("npm run node -- --port 4001 ")) {
      const words = command
        .replace("npm run node -- --port 4001 ", "")
        .replace("data/demo", scratch.dir("data/demo"));
      const node = nodes.use(await NodeUnderTest.start([...words.split(" "), "--hash-rate", "1MH/s"]));
      url = node.url;
      env.FORKLAB_NODE = url;
    } else if (command.startsWith("curl -X POST http://127.0.0.1:4001")) {
      const { status } = await fetch(command.replace("curl -X POST http://127.0.0.1:4001", url), {
        method: "POST",
      });
      expect([command, status]).toEqual([command, 201]);
    } else {
      expect([command, alike(await shell(command, scratch.path, env))]).toEqual([command, alike(output)]);
    }
  }
});

test("the unsigned transaction of docs/wallet.md is one that sign takes", async () => {
  using scratch = new Scratch();
  const [, text = ""] = /```json unsigned\n([\s\S]*?)```/.exec(PAGE) ?? [];
  writeFileSync(scratch.dir("tx.json"), text);
  const main = `${process.execPath} ${resolve("node/wallet/main.ts")}`;
  const env = { PATH: process.env.PATH ?? "", HOME: scratch.path };
  const said = await shell(
    `${main} create alice --plain && ${main} sign tx.json --from alice`,
    scratch.path,
    env,
  );
  expect(JSON.parse(said.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
    body: { kind: "post", text: "hello" },
    fee: "0",
  });
});
