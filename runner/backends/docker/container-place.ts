import { bigintsAsText } from "../live/node-client.ts";
import type { LifeRequest, LifeStart, NodePlace } from "../live/node-life.ts";
import { containerOptions, type NetworkShape } from "./container-options.ts";
import { type DockerEngine, EngineError } from "./docker-engine.ts";
import { type KernelShaping, leftToNode } from "./kernel/kernel-shaping.ts";
import { nodeLabels } from "./labels.ts";
import { NODE_PORT, NodeContainer } from "./node-container.ts";
import type { RunNetworks } from "./run-networks.ts";
import { tarArchive } from "./tar-archive.ts";

/** The user that the node runs as in its image. */
const NODE_USER = 1000;

export interface ContainerPlaceParts {
  readonly engine: DockerEngine;
  readonly runId: string;
  /** Begins the names of what is made. */
  readonly prefix: string;
  readonly image: string;
  readonly networks: RunNetworks;
  /** Null where the nodes shape what they send. */
  readonly kernel: KernelShaping | null;
  /** JSON of the chain's parameters. */
  readonly chain: string;
}

/** Containers of one engine as the place where nodes live. Each life is a container of its own; what outlasts it is the node's volume. */
export class ContainerPlace implements NodePlace {
  readonly noun = "container";
  readonly #parts: ContainerPlaceParts;
  /** The last life of each node that came up. */
  readonly #containers = new Map<number, NodeContainer>();
  /** Nodes that have a container of some kind. */
  readonly #made = new Set<number>();
  readonly #volumes = new Set<number>();

  constructor(parts: ContainerPlaceParts) {
    this.#parts = parts;
  }

  /** The container that a node lives in now; null when it lives in none. */
  containerOf(node: number): NodeContainer | null {
    const last = this.#containers.get(node) ?? null;
    return last?.end === null ? last : null;
  }

  async start(request: LifeRequest, signal: AbortSignal): Promise<LifeStart> {
    const { name } = request;
    if (signal.aborted) return { ok: false, reason: `${name} was not started: interrupted` };
    try {
      await this.#removeLast(request.node, name);
      await this.#ensureVolume(request.node, name);
      return await this.#startAnew(request, signal);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return { ok: false, reason: `${name} could not be started: ${error.message}` };
    }
  }

  async #startAnew(request: LifeRequest, signal: AbortSignal): Promise<LifeStart> {
    const { engine, runId, prefix, image, networks, kernel, chain } = this.#parts;
    const { node, name, controlToken, logFile } = request;
    // Before the node is there to send anything.
    const networkOf = kernel === null ? null : await kernel.hold(node, request.conditions);
    const network: NetworkShape =
      networkOf === null
        ? { kind: "own", network: networks.controlName, hosts: networks.hostsOf(node) }
        : { kind: "of", container: networkOf };
    const peerUrl = `http://${name}:${NODE_PORT}`;
    const options = containerOptions({
      containerName: `${prefix}-${name}`,
      image,
      labels: nodeLabels(runId, name),
      volume: this.#volumeOf(name),
      network,
      flags: [
        ...["--host", "0.0.0.0", "--port", `${NODE_PORT}`, "--url", peerUrl],
        ...["--dir", "/data", "--chain", "/data/chain.json", "--links", "/data/links.json"],
        ...["--control-from", networks.controlCidr],
        ...request.flags,
      ],
      controlToken,
    });
    const conditions = kernel === null ? request.conditions : leftToNode(request.conditions);
    const links = JSON.stringify(conditions, bigintsAsText);
    const file = (path: string, text: string) => ({ path, content: Buffer.from(text), mode: 0o444 });
    const files = tarArchive([file("chain.json", chain), file("links.json", links)], NODE_USER);
    const made = async (container: string) => {
      if (networkOf === null) await networks.attach(node, container);
    };
    this.#made.add(node);
    const started = await NodeContainer.start(
      engine,
      { node: name, options, files, logFile, peerUrl, made, networkOf },
      signal,
    );
    if (started.ok) this.#containers.set(node, started.container);
    return started.ok ? { ok: true, life: started.container } : started;
  }

  async #removeLast(node: number, name: string): Promise<void> {
    if (!this.#made.has(node)) return;
    // With a network that outlasts it, nothing is unplugged.
    if (this.#parts.kernel === null) this.#parts.networks.detach(node);
    await this.#parts.engine.askOrNull("remove the container of the life before", (docker) =>
      docker.getContainer(`${this.#parts.prefix}-${name}`).remove({ force: true }),
    );
    this.#containers.delete(node);
    this.#made.delete(node);
  }

  async #ensureVolume(node: number, name: string): Promise<void> {
    if (this.#volumes.has(node)) return;
    const options = { Name: this.#volumeOf(name), Labels: { ...nodeLabels(this.#parts.runId, name) } };
    await this.#parts.engine.ask("create a volume", (docker) => docker.createVolume(options));
    this.#volumes.add(node);
  }

  #volumeOf(name: string): string {
    return `${this.#parts.prefix}-${name}`;
  }
}
