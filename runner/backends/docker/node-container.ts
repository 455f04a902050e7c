import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import type Docker from "dockerode";
import { untilListening } from "../live/listening-line.ts";
import type { LifeEnd, NodeLife } from "../live/node-life.ts";
import { boundedLog } from "./bounded-log.ts";
import type { DockerEngine } from "./docker-engine.ts";
import { EngineError } from "./docker-engine.ts";

/** Where a node listens in its container, whatever container that is. */
export const NODE_PORT = 8080;

/** Output of a container that has ended comes within milliseconds; more is an engine that hangs. */
const OUTPUT_END_TIMEOUT_MS = 1_000;

export interface ContainerSettings {
  /** Of the node, for people. */
  readonly node: string;
  readonly options: Docker.ContainerCreateOptions;
  /** A tar archive for the volume at `/data`. */
  readonly files: Buffer;
  readonly logFile: string;
  readonly peerUrl: string;
  /** Called when the container is made and has yet to start: plugs it into its networks. */
  readonly made: (container: string) => Promise<void>;
  /** The container in whose network it lives; null when that is its own. */
  readonly networkOf: string | null;
}

export type ContainerStart =
  | { readonly ok: true; readonly container: NodeContainer }
  | { readonly ok: false; readonly reason: string };

/** One life of a node as a container: made, started, and removed by whoever made it. */
export class NodeContainer implements NodeLife {
  readonly id: string;
  readonly ended: Promise<LifeEnd>;
  readonly peerUrl: string;
  url = "";
  genesisHash = "";
  /** On the control network. */
  controlAddress = "";
  #end: LifeEnd | null = null;
  readonly #engine: DockerEngine;

  private constructor(engine: DockerEngine, id: string, peerUrl: string, ended: Promise<LifeEnd>) {
    this.#engine = engine;
    this.id = id;
    this.peerUrl = peerUrl;
    this.ended = ended.then((end) => {
      this.#end = end;
      return end;
    });
  }

  /** Makes and starts a container and waits until the node in it listens. Throws an `EngineError` when the engine does not do it. */
  static async start(
    engine: DockerEngine,
    settings: ContainerSettings,
    signal: AbortSignal,
  ): Promise<ContainerStart> {
    const { node, options, files, logFile, peerUrl } = settings;
    const created = await engine.ask(`create a container for ${node}`, (docker) =>
      docker.createContainer(options),
    );
    const { id } = created;
    await engine.ask(`put the files of ${node} in place`, (docker) =>
      docker.getContainer(id).putArchive(files, { path: "/data" }),
    );
    await settings.made(id);
    const { stdout, written } = await followOutput(engine, id, logFile);
    await engine.ask(`start ${node}`, (docker) => docker.getContainer(id).start());
    const ended = endOf(engine, id).then(async (end) => {
      await Promise.race([written, setTimeout(OUTPUT_END_TIMEOUT_MS)]);
      return end;
    });
    const container = new NodeContainer(engine, id, peerUrl, ended);
    const kill = () => container.kill();
    const listening = await untilListening({ name: node, stdout, logFile, ended, kill }, signal);
    if (!listening.ok) return listening;
    container.genesisHash = listening.genesisHash;
    const { port, address } = await publishedAt(engine, settings.networkOf ?? id);
    container.url = `http://127.0.0.1:${port}`;
    container.controlAddress = address;
    return { ok: true, container };
  }

  get end(): LifeEnd | null {
    return this.#end;
  }

  async kill(): Promise<void> {
    await this.#signal("SIGKILL");
    await this.ended;
  }

  async terminate(): Promise<void> {
    await this.#signal("SIGTERM");
  }

  async freeze(): Promise<void> {
    await this.#ask("pause", (container) => container.pause());
  }

  async thaw(): Promise<void> {
    await this.#ask("unpause", (container) => container.unpause());
  }

  async isFrozen(): Promise<boolean> {
    return (await this.#state())?.Paused === true;
  }

  async isRunning(): Promise<boolean> {
    return (await this.#state())?.Running === true;
  }

  async #state() {
    const info = await this.#engine.askOrNull("inspect", (docker) => docker.getContainer(this.id).inspect());
    return info?.State ?? null;
  }

  /** One that has ended meanwhile has what was wanted. */
  async #signal(signal: string): Promise<void> {
    if (this.#end !== null) return;
    try {
      await this.#ask(signal, (container) => container.kill({ signal }));
    } catch (error) {
      if (!(error instanceof EngineError) || (error.status !== 404 && error.status !== 409)) throw error;
    }
  }

  async #ask<T>(what: string, call: (container: Docker.Container) => Promise<T>): Promise<T> {
    return await this.#engine.ask(what, (docker) => call(docker.getContainer(this.id)));
  }
}

/** Its standard output as it comes; its standard error goes to the log. `written` resolves when both have ended and the log is on disk. */
async function followOutput(engine: DockerEngine, id: string, logFile: string) {
  const { streams } = engine;
  const both = await streams.getContainer(id).attach({ stream: true, stdout: true, stderr: true });
  const stdout = new PassThrough();
  const log = boundedLog(logFile);
  streams.modem.demuxStream(both, stdout, log);
  const end = () => {
    stdout.end();
    log.end();
  };
  // A connection that breaks is an end like any other: that of the container is seen otherwise.
  both.on("end", end).on("close", end).on("error", end);
  return { stdout, written: finished(log).catch(() => undefined) };
}

/** Of a container that was started: one that has ended already is told of at once. */
async function endOf(engine: DockerEngine, id: string): Promise<LifeEnd> {
  try {
    const { StatusCode } = await engine.streams.getContainer(id).wait({ condition: "not-running" });
    return { text: await describeEnd(engine, id, Number(StatusCode)) };
  } catch (error) {
    return { text: `can no longer be watched (${error instanceof Error ? error.message : String(error)})` };
  }
}

async function describeEnd(engine: DockerEngine, id: string, status: number): Promise<string> {
  const info = await engine
    .askOrNull("inspect", (docker) => docker.getContainer(id).inspect())
    .catch(() => null);
  if (info?.State.OOMKilled === true) return "was killed by the kernel: it used more memory than its limit";
  if (status === 137) return "was killed by SIGKILL";
  return status === 143 ? "was killed by SIGTERM" : `exited with status ${status}`;
}

/** The engine chooses a free port of the host, and an address on the control network, anew for each life. */
async function publishedAt(engine: DockerEngine, id: string): Promise<{ port: string; address: string }> {
  const { HostConfig, NetworkSettings } = await engine.ask("inspect", (docker) =>
    docker.getContainer(id).inspect(),
  );
  const port = NetworkSettings.Ports[`${NODE_PORT}/tcp`]?.[0]?.HostPort;
  const address = NetworkSettings.Networks[HostConfig.NetworkMode ?? ""]?.IPAddress;
  if (port === undefined || address === undefined)
    throw new EngineError(`the engine published no port of ${id}`, null);
  return { port, address };
}
