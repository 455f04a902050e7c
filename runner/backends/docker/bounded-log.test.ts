import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { afterAll, expect, test } from "vitest";
import { boundedLog } from "./bounded-log.ts";

const folder = mkdtempSync(join(tmpdir(), "forklab-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a log goes on where the one before ended, and says what it dropped", async () => {
  const path = join(folder, "node.log");
  for (const words of [["first\n"], ["second\n", "123456789", "never"]]) {
    const log = boundedLog(path, 12);
    for (const word of words) log.write(word);
    log.end();
    await finished(log);
  }
  expect(readFileSync(path, "utf8")).toBe(
    "first\nsecond\n12345\n(the rest of this log, beyond 12 bytes, is dropped)\n",
  );
});
