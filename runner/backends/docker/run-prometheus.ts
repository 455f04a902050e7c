import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { type DockerEngine, EngineError } from "./docker-engine.ts";
import type { Labels } from "./labels.ts";
import { tarArchive } from "./tar-archive.ts";

/** Of compose.yaml as well; a machine without a registry of images names its own. */
const IMAGE_DEFAULT = "prom/prometheus:v2.53.5";
const FOLDER = "/etc/prometheus";
const PORT_USUAL = 9090;
/** The image's own user. */
const NOBODY = 65534;

/** It reads a configuration and opens a port, in a second; a first pull comes before. */
const READY_TIMEOUT_MS = 30_000;
const PULL_TIMEOUT_MS = 5 * 60_000;
const POLL_INTERVAL_MS = 200;

/** It keeps what one run gives; one that grows beyond this is misused. */
const MEMORY_BYTES_MAX = 1024 * 1024 * 1024;

export interface PrometheusRequest {
  readonly name: string;
  readonly labels: Labels;
  /** prometheus.yml and what it names, by file name. */
  readonly files: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * Starts a Prometheus on the machine's own network, since what it reads (the runner, and the nodes' published ports) listens on 127.0.0.1 alone.
 * Resolves to where it answers; throws an `EngineError` when it does not come up. Whoever removes the run's containers removes it.
 */
export async function startRunPrometheus(engine: DockerEngine, request: PrometheusRequest): Promise<string> {
  const { name, labels, files, signal } = request;
  const image = process.env.PROMETHEUS_IMAGE || IMAGE_DEFAULT;
  await havePrometheus(engine, image, signal);
  const port = await freePort();
  const { id } = await engine.ask("create Prometheus", (docker) =>
    docker.createContainer({
      name,
      Image: image,
      Labels: { ...labels },
      Cmd: [
        `--config.file=${FOLDER}/prometheus.yml`,
        "--storage.tsdb.path=/prometheus",
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      HostConfig: {
        NetworkMode: "host",
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        Memory: MEMORY_BYTES_MAX,
      },
    }),
  );
  const archive = Object.entries(files).map(([path, text]) => ({
    path,
    content: Buffer.from(text),
    mode: 0o644,
  }));
  await engine.ask("put Prometheus' files in place", (docker) =>
    docker.getContainer(id).putArchive(tarArchive(archive, NOBODY), { path: FOLDER }),
  );
  await engine.ask("start Prometheus", (docker) => docker.getContainer(id).start());
  const url = `http://127.0.0.1:${port}`;
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (!(await isReady(url))) {
    const info = await engine.askOrNull("inspect", (docker) => docker.getContainer(id).inspect());
    if (info?.State.Running !== true)
      throw new EngineError(`Prometheus ended: ${await lastWords(engine, id)}`, null);
    if (signal.aborted) throw new EngineError("Prometheus was not waited for: interrupted", null);
    if (performance.now() > deadlineMs)
      throw new EngineError(`Prometheus did not answer within ${READY_TIMEOUT_MS / 1_000} s`, null);
    await setTimeout(POLL_INTERVAL_MS);
  }
  return url;
}

/** Where people look for it, or, with another one there, any that is free. */
async function freePort(): Promise<number> {
  for (const port of [PORT_USUAL, 0]) {
    const server = createServer();
    const listening = once(server, "listening").then(
      () => true,
      () => false,
    );
    server.listen(port, "127.0.0.1");
    const found = (await listening) ? (server.address() as AddressInfo).port : null;
    server.close();
    if (found !== null) return found;
  }
  throw new EngineError("no port is free for Prometheus", null);
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(POLL_INTERVAL_MS * 5) })).ok;
  } catch {
    // It does not listen yet; the caller asks again, and not for ever.
    return false;
  }
}

/** What is on this machine is taken as it is; anything else is pulled. */
async function havePrometheus(engine: DockerEngine, image: string, signal: AbortSignal): Promise<void> {
  const found = await engine.askOrNull("inspect image", (docker) => docker.getImage(image).inspect());
  if (found !== null) return;
  const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(PULL_TIMEOUT_MS)]);
  try {
    const progress = await engine.streams.pull(image, { abortSignal });
    await new Promise<void>((resolve, reject) =>
      engine.streams.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())),
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new EngineError(
      `the image ${image} is not here and could not be pulled (PROMETHEUS_IMAGE in the environment names another): ${why}`,
      null,
    );
  }
}

async function lastWords(engine: DockerEngine, id: string): Promise<string> {
  const output = await engine.askOrNull("read the log of Prometheus", (docker) =>
    docker.getContainer(id).logs({ stdout: true, stderr: true, tail: 3 }),
  );
  // Each piece is led by eight bytes that say which stream it is of.
  return output === null
    ? "no log"
    : output
        .toString("latin1")
        .replaceAll(/[^\x20-\x7e\n]/g, "")
        .trim();
}
