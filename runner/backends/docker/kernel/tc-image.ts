import { readFile } from "node:fs/promises";
import { type DockerEngine, EngineError } from "../docker-engine.ts";
import { type BuildOptions, ensureImage, imageId } from "../image-build.ts";

const DOCKERFILE = "tc.Dockerfile";

/**
 * The image of the containers that shape links, by its id: what TC_IMAGE in the environment names, or else one that is built upon the base image of the
 * node with Debian's iproute2. Throws an `EngineError` that says what to do.
 */
export async function tcImage(engine: DockerEngine, options: BuildOptions): Promise<string> {
  const named = (options.env ?? process.env).TC_IMAGE ?? "";
  if (named !== "") {
    const id = await imageId(engine, named);
    if (id !== null) return id;
    throw new EngineError(
      `TC_IMAGE names ${named}, which is not on this machine: docker pull ${named}`,
      null,
    );
  }
  const content = await readFile(new URL(DOCKERFILE, import.meta.url));
  const files = [{ path: DOCKERFILE, content, mode: 0o644 }];
  try {
    const recipe = { name: "forklab-tc", label: "tc", files, dockerfile: DOCKERFILE };
    return (await ensureImage(engine, recipe, options)).id;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(
      `${error.message}\n(TC_IMAGE in the environment names an image to be used instead: any that has sh, ip and tc)`,
      error.status,
    );
  }
}
