import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { type DockerEngine, EngineError } from "../../runner/backends/docker/docker-engine.ts";
import { imageId } from "../../runner/backends/docker/image-build.ts";
import { tcImage } from "../../runner/backends/docker/kernel/tc-image.ts";
import { anEngine } from "./docker-runs.ts";
import { TEST_LABEL } from "./node-image.ts";

/** Made here where neither a registry of images nor a base image with apt-get is. It is kept, as other base images are. */
const LOCAL_IMAGE = "localhost/iproute2:bookworm";

/** Names the image of the containers that shape links in the environment, if it has to be another than is built by itself; null, or why there is none. */
export async function haveTcImage(): Promise<string | null> {
  const engine = await anEngine();
  const build = async () => {
    await tcImage(engine, { say: () => undefined, signal: new AbortController().signal });
    return null;
  };
  try {
    return await build();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (!(await canMakeLocal(engine))) return error.message;
    process.env.TC_IMAGE = LOCAL_IMAGE;
    return await build();
  }
}

/** By Debian's tool for making root file systems, where it is installed. */
async function canMakeLocal(engine: DockerEngine): Promise<boolean> {
  if ((await imageId(engine, LOCAL_IMAGE)) !== null) return true;
  const options = ["--quiet", "--format=tar", "--variant=essential", "--include=iproute2", "bookworm", "-"];
  const isThere = await promisify(execFile)("mmdebstrap", ["--version"]).then(
    () => true,
    () => false,
  );
  if (!isThere) return false;
  const child = spawn("mmdebstrap", options, { stdio: ["ignore", "pipe", "ignore"] });
  const [repo, tag] = LOCAL_IMAGE.split(":");
  const progress = await engine.streams.importImage(child.stdout, { fromSrc: "-", repo, tag });
  await new Promise<void>((resolve, reject) =>
    engine.streams.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())),
  );
  return (await imageId(engine, LOCAL_IMAGE)) !== null;
}

/** Whether the engine's kernel has netem, asked by one command and not by the runner: null, or what it answered. */
export async function netemAnswer(engine: DockerEngine, image: string): Promise<string | null> {
  const container = await engine.streams.createContainer({
    Image: image,
    Entrypoint: ["tc"],
    Cmd: ["qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"],
    Labels: TEST_LABEL,
    // What it says then comes as it is, in one piece.
    Tty: true,
    HostConfig: { NetworkMode: "none", CapAdd: ["NET_ADMIN"] },
  });
  try {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    const said = await container.logs({ stdout: true, stderr: true });
    return StatusCode === 0 ? null : said.toString().trim();
  } finally {
    await container.remove({ force: true });
  }
}
