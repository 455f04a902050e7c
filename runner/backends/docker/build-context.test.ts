import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { buildContext, ignoreRule } from "./build-context.ts";

test("the last line that matches a file or a folder above it decides", () => {
  const isIgnored = ignoreRule("# all but two\n*\n!package.json\n!node\n\n**/*.test.ts\nnode/web/\n");
  expect(isIgnored("README.md")).toBe(true);
  expect(isIgnored("runner/plan.ts")).toBe(true);
  expect(isIgnored("package.json")).toBe(false);
  expect(isIgnored("node/core/chain/types.ts")).toBe(false);
  expect(isIgnored("node/core/chain/bytes.test.ts")).toBe(true);
  expect(isIgnored("node/web/index.html")).toBe(true);
  expect(ignoreRule("")("anything")).toBe(false);
});

test("the image is built of the node's sources and the lock file, without tests and results", async () => {
  const files = await buildContext(fileURLToPath(new URL("../../..", import.meta.url)), "node/Dockerfile");
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(paths.toSorted());
  expect(paths).toEqual(
    expect.arrayContaining(["package-lock.json", "node/main.ts", "node/Dockerfile", ".npmrc"]),
  );
  expect(paths.filter((path) => /\.test\.ts$|^results\/|node_modules/.test(path))).toEqual([]);
});
