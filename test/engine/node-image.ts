import { fileURLToPath } from "node:url";
import { DockerEngine } from "../../runner/backends/docker/docker-engine.ts";
import { nodeImage } from "../../runner/backends/docker/image.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the image is built upon, as compose.yaml and the Dockerfile have it. */
export const BASE_IMAGE = process.env.NODE_IMAGE || "node:24-bookworm-slim";

/** On everything that a test makes in the engine. */
export const TEST_LABEL = { "org.forklab": "test" };

/** Tag of the node's image of the sources as they are: one for all suites and for the backend, built by whoever needs it first. */
export async function sharedImage(): Promise<string> {
  const opening = await DockerEngine.open();
  if (!opening.ok) throw new Error(opening.reason);
  const say = (line: string) => void (line.startsWith("Built") && console.log(line));
  return (await nodeImage(opening.engine, { say, signal: new AbortController().signal })).tag;
}
