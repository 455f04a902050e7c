import type { Preparation, PreparedBackend } from "../open-backend.ts";
import { DockerBackend } from "./docker-backend.ts";
import { DockerEngine, EngineError } from "./docker-engine.ts";
import { nodeImage } from "./image.ts";
import { prepareKernel } from "./kernel/prepare-kernel.ts";

/** Finds the engine, tries its kernel if that is to shape links, and makes the image, if there is none yet of what the working tree holds. */
export async function prepareDocker({ plan, say, signal }: Preparation): Promise<PreparedBackend> {
  const opening = await DockerEngine.open();
  if (!opening.ok) return opening;
  const { engine } = opening;
  try {
    const kernel = await prepareKernel(engine, plan, { say, signal });
    if (!kernel.ok) return kernel;
    const image = await nodeImage(engine, { say, signal });
    return {
      ok: true,
      create: (context) => new DockerBackend(context, { engine, image, tcImage: kernel.image }),
      engine: { ...engine.version, imageId: image.id, imageTag: image.tag },
    };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { ok: false, reason: error.message };
  }
}
