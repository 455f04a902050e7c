import { glob, readFile, stat } from "node:fs/promises";
import { join, matchesGlob, relative } from "node:path";
import type { TarFile } from "./tar-archive.ts";

/** The files that a build of the image sees: all below `root` that .dockerignore lets through, and the Dockerfile, by name. */
export async function buildContext(root: string, dockerfile: string): Promise<TarFile[]> {
  const isIgnored = ignoreRule(await readFile(join(root, ".dockerignore"), "utf8"));
  const paths: string[] = [];
  // These two are never part of an image, and reading through them takes longer than the build.
  const exclude = (entry: { readonly name: string }) =>
    entry.name === "node_modules" || entry.name === ".git";
  for await (const entry of glob("{*,.*,*/**,.*/**}", { cwd: root, exclude, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath, entry.name));
    if (entry.isFile() && (path === dockerfile || !isIgnored(path))) paths.push(path);
  }
  return await Promise.all(
    [...new Set(paths)].sort().map(async (path) => {
      const file = join(root, path);
      // Of the permissions only the executable bit counts, so that a umask makes no other image.
      const mode = ((await stat(file)).mode & 0o100) === 0 ? 0o644 : 0o755;
      return { path, content: await readFile(file), mode };
    }),
  );
}

/**
 * Whether .dockerignore leaves a file out: the last line that matches the file or a folder that holds it decides, and `!` lets in again.
 * Source: docs.docker.com, "Build context", .dockerignore files.
 */
export function ignoreRule(text: string): (path: string) => boolean {
  const lines = text.split("\n").map((line) => line.trim());
  const rules = lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const isException = line.startsWith("!");
      const pattern = line
        .slice(isException ? 1 : 0)
        .replace(/^\//, "")
        .replace(/\/$/, "");
      return { isException, pattern };
    });
  return (path) => {
    const parts = path.split("/");
    const nested = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    const last = rules.findLast(({ pattern }) => nested.some((part) => matchesGlob(part, pattern)));
    return last !== undefined && !last.isException;
  };
}
