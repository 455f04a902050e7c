import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { nodeLabels, ownerOf, RUNNER_LABEL, runLabels } from "./labels.ts";

test("what this process makes has a living owner", () => {
  expect(ownerOf(runLabels("a"))).toBe("alive");
  expect(ownerOf(nodeLabels("a", "node-0"))).toBe("alive");
});

test("what an ended process made is left over, and so is what a process made whose number another has now", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  expect(ownerOf({ ...runLabels("a"), [RUNNER_LABEL]: `${child.pid}@${hostname()}` })).toBe("gone");
  expect(ownerOf({ ...runLabels("a"), "org.forklab.runner-start": "1" })).toBe("gone");
});

test("what another host's runner made, or nobody known, is left alone", () => {
  expect(ownerOf({ ...runLabels("a"), [RUNNER_LABEL]: "1@another" })).toBe("elsewhere");
  expect(ownerOf({})).toBe("elsewhere");
});
