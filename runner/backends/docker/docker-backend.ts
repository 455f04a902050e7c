import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { invariant } from "../../../node/core/support/invariant.ts";
import type { BackendContext, PrometheusStart } from "../backend.ts";
import type { LinkCuts } from "../live/link-cuts.ts";
import { LiveBackend } from "../live/live-backend.ts";
import type { ChainFile, LiveSystem } from "../live/live-system.ts";
import { removeRun } from "./clean.ts";
import { ContainerPlace } from "./container-place.ts";
import { type DockerEngine, EngineError } from "./docker-engine.ts";
import type { NodeImage } from "./image.ts";
import { runLabels } from "./labels.ts";
import { NetworkCuts } from "./network-cuts.ts";
import { RunNetworks } from "./run-networks.ts";
import { startRunPrometheus } from "./run-prometheus.ts";

const CLEAN_MAIN = fileURLToPath(new URL("../../clean-main.ts", import.meta.url));

/** One container for each node, on networks that a partition takes apart. */
export class DockerBackend extends LiveBackend {
  readonly #engine: DockerEngine;
  readonly #runId: string;

  constructor(context: BackendContext, engine: DockerEngine, image: NodeImage) {
    const runId = randomBytes(4).toString("hex");
    super(context, new DockerSystem(context, engine, image, runId));
    this.#engine = engine;
    this.#runId = runId;
  }

  async startPrometheus(
    files: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<PrometheusStart> {
    const name = `${prefixOf(this.#runId)}-prometheus`;
    const labels = runLabels(this.#runId);
    try {
      return { ok: true, url: await startRunPrometheus(this.#engine, { name, labels, files, signal }) };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return { ok: false, reason: error.message };
    }
  }
}

class DockerSystem implements LiveSystem {
  readonly name = "docker";
  readonly cuts: LinkCuts;
  readonly #context: BackendContext;
  readonly #engine: DockerEngine;
  readonly #image: NodeImage;
  readonly #runId: string;
  #networks: RunNetworks | null = null;
  #place: ContainerPlace | null = null;

  constructor(context: BackendContext, engine: DockerEngine, image: NodeImage, runId: string) {
    this.#runId = runId;
    this.#context = context;
    this.#engine = engine;
    this.#image = image;
    this.cuts = new NetworkCuts({
      engine,
      nodes: context.plan.nodes,
      networks: () => this.#networks,
      containerOf: (node) => this.#place?.containerOf(node) ?? null,
    });
  }

  get place(): ContainerPlace {
    invariant(this.#place !== null, "the system is not open");
    return this.#place;
  }

  async open(chain: ChainFile): Promise<string | null> {
    process.on("exit", cleanBehind);
    const { plan } = this.#context;
    const engine = this.#engine;
    const runId = this.#runId;
    const prefix = prefixOf(runId);
    try {
      const networks = await RunNetworks.create(engine, { plan, prefix, labels: runLabels(runId) });
      this.#networks = networks;
      const image = this.#image.id;
      this.#place = new ContainerPlace({ engine, runId, prefix, image, networks, chain: chain.json });
      return null;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return `the networks of the run could not be made: ${error.message}`;
    }
  }

  async close(): Promise<string | null> {
    try {
      await removeRun(this.#engine, this.#runId);
      process.off("exit", cleanBehind);
      return null;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return `something of the run was left in the engine (npm run clean removes it): ${error.message}`;
    }
  }
}

/** Of the names of all that a run makes. */
function prefixOf(runId: string): string {
  return `forklab-${runId}`;
}

/** A runner that gives up in the middle (a second Ctrl-C, a mistake of ours) has no time to remove anything: another process does, once it is gone. */
function cleanBehind(): void {
  spawn(process.execPath, [CLEAN_MAIN], { detached: true, stdio: "ignore" }).unref();
}
