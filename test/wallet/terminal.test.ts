import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Scratch, until } from "../support/live-process.ts";

/** The wallet on a terminal of its own, which script(1) of util-linux makes. Types what it is told when the text before it was shown. */
async function onTerminal(
  command: string,
  file: string,
  dialogue: readonly (readonly [string, string])[],
): Promise<{ shown: string; status: number | null }> {
  const line = `${process.execPath} node/wallet/main.ts ${command}`;
  const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
    env: {
      PATH: process.env.PATH,
      SHELL: "/bin/sh",
      FORKLAB_WALLET_FILE: file,
      NODE_COMPILE_CACHE: join(tmpdir(), "forklab-test-cache"),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  let from = 0;
  for (const [question, answer] of dialogue) {
    await until(() => (shown.includes(question, from) ? true : null), 60_000);
    from = shown.length;
    child.stdin.write(answer);
  }
  const status = await ended;
  return { shown, status };
}

const PASSPHRASE = "correct horse bättery";

test("on a terminal the passphrase is asked for, twice for a new wallet, and never shown", async () => {
  using scratch = new Scratch();
  const file = scratch.dir("wallet.json");
  const made = await onTerminal("create alice", file, [
    ["is new. A passphrase for it: ", `${PASSPHRASE}\r`],
    // A slip of the finger, taken back.
    ["The same again: ", `${PASSPHRASE}xx\u007f\u007f\r`],
  ]);
  expect(made).toMatchObject({ status: 0, shown: expect.stringMatching(/alice {2}[0-9a-f]{64}/) });
  const exported = await onTerminal("export alice", file, [["Passphrase of ", `${PASSPHRASE}\r`]]);
  expect(exported).toMatchObject({ status: 0, shown: expect.stringContaining("BEGIN PRIVATE KEY") });
  const wrong = await onTerminal("export alice", file, [["Passphrase of ", "not the right one\r"]]);
  expect(wrong).toMatchObject({ status: 3, shown: expect.stringContaining("does not open") });
  const given = await onTerminal("export alice", file, [["Passphrase of ", "half of it\u0003"]]);
  expect(given).toMatchObject({ status: 3, shown: expect.stringContaining("given up") });
  for (const { shown } of [made, exported, wrong, given])
    expect(shown).not.toMatch(/horse|right one|half of it/);
  const differ = await onTerminal("create bob", scratch.dir("other.json"), [
    ["A passphrase for it: ", "one passphrase\r"],
    ["The same again: ", "another passphrase\r"],
  ]);
  expect(differ).toMatchObject({ status: 3, shown: expect.stringContaining("the two are not the same") });
});
