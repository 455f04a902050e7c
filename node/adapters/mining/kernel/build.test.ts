import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileKernel, KERNEL_FILE } from "./build.ts";

test("the kernel of the repository is what its source compiles to, byte for byte", async () => {
  expect(Buffer.from(await compileKernel()).equals(readFileSync(KERNEL_FILE))).toBe(true);
});

test("a source that was changed gives other bytes, and one that is none says why", async () => {
  const source = readFileSync(new URL("assembly/nonce-search.ts", import.meta.url), "utf8");
  const changed = await compileKernel(source.replace("rotate(e, 25)", "rotate(e, 24)"));
  expect(Buffer.from(changed).equals(readFileSync(KERNEL_FILE))).toBe(false);
  await expect(compileKernel("export function search(): i32 { return nothing; }")).rejects.toThrow(
    /does not compile: [\s\S]*'nothing'/,
  );
});
