import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readLogTail } from "./log-tail.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forklab-log-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function tailOf(text: string, lineCount?: number): Promise<string> {
  const file = join(folder, "node.log");
  await writeFile(file, text);
  return await readLogTail(file, lineCount);
}

test("people see the last lines; of pino's JSON the message, with the error's", async () => {
  const lines = [
    "plain",
    '{"level":"info","msg":"started"}',
    '{"level":"fatal","msg":"fatal","err":{"message":"no room"}}',
  ];
  expect(await tailOf(`${lines.join("\n")}\n`)).toBe("plain\nstarted\nfatal: no room");
  expect(await tailOf(`${lines.join("\n")}\n`, 1)).toBe("fatal: no room");
});

test("of a stack trace people see the message, and not the frames behind it", async () => {
  const lines = [
    "file.js:1",
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'koa'",
    "    at one (file.js:1:1)",
    "    at ModuleJob.link (node:internal/modules/esm/module_job:276:33) {",
    "  code: 'ERR_MODULE_NOT_FOUND'",
    "}",
    "",
    "Node.js v24.21.0",
  ];
  expect(await tailOf(lines.join("\n"), 3)).toBe([lines[1], lines[4], lines[5]].join("\n"));
  const outOfMemory = [
    "FATAL ERROR: Reached heap limit",
    "----- Native stack trace -----",
    "",
    " 1: 0xd3a0b2 node::OOMErrorHandler [node]",
  ];
  expect(await tailOf(outOfMemory.join("\n"), 1)).toBe(outOfMemory[0]);
});

test("a long log is read from its end alone, and what is cut there is shown as it is", async () => {
  expect(await tailOf(`${"x".repeat(100_000)}\nlast\n`, 1)).toBe("last");
  expect(await tailOf(`{"msg":"${"x".repeat(100_000)}"}\n`)).toMatch(/^x+"}$/);
});

test("nothing to show is said", async () => {
  expect(await tailOf("")).toBe("(its log is empty)");
  expect(await readLogTail(join(folder, "none.log"))).toMatch(
    /^\(its log .*none\.log cannot be read: ENOENT/,
  );
});
