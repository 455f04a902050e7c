import type { Preparation, PreparedBackend } from "../open-backend.ts";
import { DockerBackend } from "./docker-backend.ts";
import { DockerEngine, EngineError } from "./docker-engine.ts";
import { nodeImage } from "./image.ts";

/** Finds the engine and makes the image, if there is none yet of what the working tree holds. */
export async function prepareDocker({ say, signal }: Preparation): Promise<PreparedBackend> {
  const opening = await DockerEngine.open();
  if (!opening.ok) return opening;
  const { engine } = opening;
  try {
    const image = await nodeImage(engine, { say, signal });
    return {
      ok: true,
      create: (context) => new DockerBackend(context, engine, image),
      engine: { ...engine.version, imageId: image.id, imageTag: image.tag },
    };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { ok: false, reason: error.message };
  }
}
