import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DirectoryLock } from "./directory-lock.ts";

const LOCK_URL = new URL("./directory-lock.ts", import.meta.url).href;

/** Takes the folder's lock and holds it, or says that it is taken and ends. */
const HOLDER = `
  const { DirectoryLock } = await import("${LOCK_URL}");
  const taken = DirectoryLock.tryTake(process.argv[1]);
  process.stdout.write("lock" in taken ? "held\\n" : "refused\\n");
  if ("lock" in taken) setInterval(() => taken.lock, 60_000);
`;

let folder = "";
let children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "forklab-lock-"));
});
afterEach(async () => {
  await Promise.all(children.map(kill));
  children = [];
  rmSync(folder, { recursive: true });
});

/** Another process that asks for the lock, and what it got. */
async function contender(): Promise<{ child: ChildProcess; answer: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", HOLDER, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [chunk] = await once(child.stdout, "data");
  return { child, answer: String(chunk).trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

test("a folder is held once, also within one process, and is free when it is given back", () => {
  const lock = DirectoryLock.take(folder);
  expect(() => DirectoryLock.take(folder)).toThrow(
    `${folder} is in use by another node (process ${process.pid} on ${hostname()}); choose another --dir`,
  );
  lock.release();
  DirectoryLock.take(folder).release();
});

test("of processes that ask at one moment exactly one gets the folder", async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, contender));
  expect(answers.filter(({ answer }) => answer === "held")).toHaveLength(1);
  expect(answers.filter(({ answer }) => answer === "refused")).toHaveLength(4);
});

test("the folder of a killed process is free at once, whatever it left behind", async () => {
  const { child, answer } = await contender();
  expect(answer).toBe("held");
  expect(() => DirectoryLock.take(folder)).toThrow(`in use by another node (process ${child.pid} on`);
  await kill(child);
  DirectoryLock.take(folder).release();
});

test("a folder where there can be no lock is refused in words", () => {
  expect(() => DirectoryLock.take(join(folder, "gone"))).toThrow(/cannot be made/);
  writeFileSync(
    join(folder, "lock.db"),
    "what another program wrote, longer than a header of SQLite. ".repeat(10),
  );
  expect(() => DirectoryLock.take(folder)).toThrow(/cannot be locked: .*not a database/);
});
