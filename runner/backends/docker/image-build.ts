import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import * as z from "zod";
import { type DockerEngine, EngineError } from "./docker-engine.ts";
import { type TarFile, tarArchive } from "./tar-archive.ts";

/** A first build fetches the base image and a few dozen packages; on a slow line that takes minutes. */
const BUILD_TIMEOUT_MS = 15 * 60_000;

/** Of a build that failed: enough for the command and its complaint. */
const LAST_LINES_COUNT = 15;

/** A build that gets no further than its first lines has no base image. */
const BASE_HINT = " (NODE_IMAGE in the environment names another base image, one that is on this machine)";

/** A line of the engine's answer. */
const buildLine = z.object({
  stream: z.string().optional(),
  error: z.string().optional(),
});

export interface BuiltImage {
  readonly id: string;
  readonly tag: string;
  /** False: an image of this very content was there. */
  readonly wasBuilt: boolean;
}

export interface BuildOptions {
  /** Progress, one line at a time. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

export interface ImageRecipe {
  /** Of the image, without its tag. */
  readonly name: string;
  /** Of its label `org.forklab.image`. */
  readonly label: string;
  /** All that the build sees, the Dockerfile among it. */
  readonly files: readonly TarFile[];
  readonly dockerfile: string;
}

/**
 * The image that a recipe makes, built if there is none yet. Its tag is a hash of all that goes into it, so it is built once. NODE_IMAGE in the
 * environment names the base image. Throws an `EngineError` with the build's last lines.
 */
export async function ensureImage(
  engine: DockerEngine,
  recipe: ImageRecipe,
  { say, signal, env = process.env }: BuildOptions,
): Promise<BuiltImage> {
  const base = env.NODE_IMAGE === undefined || env.NODE_IMAGE === "" ? null : env.NODE_IMAGE;
  const tag = `${recipe.name}:${contentHash(recipe.files, await baseIdentity(engine, base))}`;
  const known = await imageId(engine, tag);
  if (known !== null) return { id: known, tag, wasBuilt: false };
  say(
    `Building the image ${tag} (${recipe.files.length} ${recipe.files.length === 1 ? "file" : "files"}) ...`,
  );
  const startMs = performance.now();
  await build(engine, recipe, { tag, base, say, signal });
  const id = await imageId(engine, tag);
  if (id === null) throw new EngineError(`the build ended without an image ${tag}`, null);
  say(`Built ${tag} in ${((performance.now() - startMs) / 1_000).toFixed(0)} s.`);
  return { id, tag, wasBuilt: true };
}

/** Null when there is no such image on this machine. */
export async function imageId(engine: DockerEngine, name: string): Promise<string | null> {
  const found = await engine.askOrNull(`inspect image ${name}`, (docker) => docker.getImage(name).inspect());
  return found?.Id ?? null;
}

/** A local base image may be made anew under its name; one that has yet to be fetched is known by its name alone. */
async function baseIdentity(engine: DockerEngine, base: string | null): Promise<string> {
  return base === null ? "" : ((await imageId(engine, base)) ?? base);
}

function contentHash(files: readonly TarFile[], base: string): string {
  const hash = createHash("sha256").update(`${base}\0`);
  for (const { path, mode, content } of files)
    hash.update(`${path}\0${mode}\0${content.length}\0`).update(content);
  return hash.digest("hex").slice(0, 16);
}

interface Build {
  readonly tag: string;
  readonly base: string | null;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

async function build(engine: DockerEngine, recipe: ImageRecipe, { tag, base, say, signal }: Build) {
  const lines: string[] = [];
  const fail = (why: string) => {
    const last = lines.slice(-LAST_LINES_COUNT).map((line) => `    ${line}`);
    throw new EngineError([`the image could not be built: ${why}`, ...last].join("\n"), null);
  };
  const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(BUILD_TIMEOUT_MS)]);
  let failure: string | null = null;
  try {
    const answer = await engine.streams.buildImage(Readable.from([tarArchive(recipe.files, 0)]), {
      t: tag,
      dockerfile: recipe.dockerfile,
      ...(base === null ? {} : { buildargs: { NODE_IMAGE: base } }),
      labels: { "org.forklab.image": recipe.label },
      rm: true,
      forcerm: true,
      abortSignal,
    });
    for await (const text of wholeLines(answer)) {
      const line = buildLine.parse(JSON.parse(text));
      failure ??= line.error ?? null;
      for (const part of (line.stream ?? "").split("\n").filter((piece) => piece.trim() !== "")) {
        lines.push(part);
        if (/^Step /.test(part)) say(`    ${part}`);
      }
    }
  } catch (error) {
    if (signal.aborted) throw new EngineError("the build of the image was interrupted", null);
    if (abortSignal.aborted) fail(`not done after ${BUILD_TIMEOUT_MS / 60_000} minutes`);
    fail(error instanceof Error ? error.message : String(error));
  }
  if (failure !== null)
    fail(lines.some((line) => /^Step [3-9]/.test(line)) ? failure : `${failure}${BASE_HINT}`);
}

async function* wholeLines(stream: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line.trim() !== "");
  }
  if (rest.trim() !== "") yield rest;
}
