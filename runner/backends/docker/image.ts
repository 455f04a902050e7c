import { fileURLToPath } from "node:url";
import { buildContext } from "./build-context.ts";
import type { DockerEngine } from "./docker-engine.ts";
import { type BuildOptions, type BuiltImage, ensureImage } from "./image-build.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const DOCKERFILE = "node/Dockerfile";

export type NodeImage = BuiltImage;

/** The image of the node as the working tree has it. Throws an `EngineError` with the build's last lines. */
export async function nodeImage(engine: DockerEngine, options: BuildOptions): Promise<NodeImage> {
  const files = await buildContext(ROOT, DOCKERFILE);
  const recipe = { name: "forklab-node", label: "node", files, dockerfile: DOCKERFILE };
  return await ensureImage(engine, recipe, options);
}
