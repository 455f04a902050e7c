import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import * as z from "zod";
import { type DockerEngine, EngineError } from "./docker-engine.ts";
import type { Labels } from "./labels.ts";
import { tarArchive } from "./tar-archive.ts";

/** Of compose.yaml as well; a machine without a registry of images names its own. */
const IMAGE_DEFAULT = "prom/prometheus:v2.53.5";
const FOLDER = "/etc/prometheus";
/** 9090 is left to the Prometheus of compose.yaml, which may be brought up during the run. */
const PORT_USUAL = 9091;
const ANY_PORT = 0;
/** Ports that are tried: two runs that start at one moment need two. */
const TRIES_MAX = 3;
/** The image's own user. */
const NOBODY = 65534;

/** It reads a configuration and opens a port, in a second; a first pull comes before. */
const READY_TIMEOUT_MS = 30_000;
const PULL_TIMEOUT_MS = 5 * 60_000;
const POLL_INTERVAL_MS = 200;

/** It keeps what one run gives; one that grows beyond this is misused. */
const MEMORY_BYTES_MAX = 1024 * 1024 * 1024;
/** It has a thread or two for each core. */
const PROCESSES_MAX = 256;

const flagsSchema = z.object({ data: z.looseObject({ "web.page-title": z.string() }) });

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
  const image = process.env.PROMETHEUS_IMAGE || IMAGE_DEFAULT;
  await havePrometheus(engine, image, request.signal);
  for (let tries = 1; ; tries++) {
    const port = await freePort(tries === 1 ? PORT_USUAL : ANY_PORT);
    const id = await createPrometheus(engine, request, image, port);
    await engine.ask("start Prometheus", (docker) => docker.getContainer(id).start());
    const url = `http://127.0.0.1:${port}`;
    if (await cameUp(engine, request, id, url)) return url;
    const words = await lastWords(engine, id);
    // Between the look at a port and its use another run's Prometheus may take it.
    if (tries === TRIES_MAX || !words.includes("address already in use"))
      throw new EngineError(`Prometheus ended: ${words}`, null);
    await engine.askOrNull("remove Prometheus", (docker) =>
      docker.getContainer(id).remove({ force: true, v: true }),
    );
  }
}

async function createPrometheus(
  engine: DockerEngine,
  { name, labels, files }: PrometheusRequest,
  image: string,
  port: number,
): Promise<string> {
  const { id } = await engine.ask("create Prometheus", (docker) =>
    docker.createContainer({
      name,
      Image: image,
      Labels: { ...labels },
      Cmd: [
        `--config.file=${FOLDER}/prometheus.yml`,
        "--storage.tsdb.path=/prometheus",
        `--web.listen-address=127.0.0.1:${port}`,
        `--web.page-title=${name}`,
      ],
      HostConfig: {
        NetworkMode: "host",
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        Memory: MEMORY_BYTES_MAX,
        MemorySwap: MEMORY_BYTES_MAX,
        PidsLimit: PROCESSES_MAX,
        LogConfig: { Type: "json-file", Config: { "max-size": "1m", "max-file": "1" } },
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
  return id;
}

/** False: it ended. */
async function cameUp(
  engine: DockerEngine,
  { name, signal }: PrometheusRequest,
  id: string,
  url: string,
): Promise<boolean> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (!(await isReady(url, name))) {
    const info = await engine.askOrNull("inspect", (docker) => docker.getContainer(id).inspect());
    if (info?.State.Running !== true) return false;
    if (signal.aborted) throw new EngineError("Prometheus was not waited for: interrupted", null);
    if (performance.now() > deadlineMs)
      throw new EngineError(`Prometheus did not answer within ${READY_TIMEOUT_MS / 1_000} s`, null);
    await setTimeout(POLL_INTERVAL_MS);
  }
  return true;
}

/** This port, or, with another one there, any that is free. */
async function freePort(wanted: number): Promise<number> {
  for (const port of [wanted, ANY_PORT]) {
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

/** Whether the Prometheus with this title answers: another run's may have taken the port in the meantime. Its API answers once it is ready. */
async function isReady(url: string, title: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(POLL_INTERVAL_MS * 5);
    const response = await fetch(`${url}/api/v1/status/flags`, { signal });
    return flagsSchema.parse(await response.json()).data["web.page-title"] === title;
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
