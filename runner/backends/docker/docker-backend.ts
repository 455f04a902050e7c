import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { invariant } from "../../../node/core/support/invariant.ts";
import type { BackendContext, PrometheusStart } from "../backend.ts";
import type { LinkCuts } from "../live/link-cuts.ts";
import { type LinkShaping, SHAPED_BY_NODES } from "../live/link-shaping.ts";
import { LiveBackend } from "../live/live-backend.ts";
import type { ChainFile, LiveSystem } from "../live/live-system.ts";
import { removeRun } from "./clean.ts";
import { ContainerPlace } from "./container-place.ts";
import { type DockerEngine, EngineError } from "./docker-engine.ts";
import type { NodeImage } from "./image.ts";
import { KernelShaping } from "./kernel/kernel-shaping.ts";
import { runLabels } from "./labels.ts";
import { NetworkCuts } from "./network-cuts.ts";
import { RunNetworks } from "./run-networks.ts";
import { startRunPrometheus } from "./run-prometheus.ts";

const CLEAN_MAIN = fileURLToPath(new URL("../../clean-main.ts", import.meta.url));

export interface PreparedEngine {
  readonly engine: DockerEngine;
  readonly image: NodeImage;
  /** Of the containers that shape links; null where the nodes do. */
  readonly tcImage: string | null;
}

/** One container for each node, on networks that a partition takes apart. */
export class DockerBackend extends LiveBackend {
  readonly #engine: DockerEngine;
  readonly #runId: string;

  constructor(context: BackendContext, prepared: PreparedEngine) {
    const runId = randomBytes(4).toString("hex");
    super(context, new DockerSystem(context, prepared, runId));
    this.#engine = prepared.engine;
    this.#runId = runId;
  }

  async startPrometheus(
    files: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<PrometheusStart> {
    const name = `${prefixOf(this.#runId)}-prometheus`;
    const labels = runLabels(this.#runId);
    removeBehind();
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
  readonly shaping: LinkShaping;
  readonly #context: BackendContext;
  readonly #engine: DockerEngine;
  readonly #image: NodeImage;
  readonly #runId: string;
  readonly #kernel: KernelShaping | null;
  #networks: RunNetworks | null = null;
  #place: ContainerPlace | null = null;

  constructor(context: BackendContext, { engine, image, tcImage }: PreparedEngine, runId: string) {
    this.#runId = runId;
    this.#context = context;
    this.#engine = engine;
    this.#image = image;
    const containerOf = (node: number) => this.#place?.containerOf(node) ?? null;
    const { plan } = context;
    this.cuts = new NetworkCuts({
      engine,
      nodes: plan.nodes,
      networks: () => this.#networks,
      containerOf,
    });
    const prefix = prefixOf(runId);
    const networks = () => {
      invariant(this.#networks !== null, "the run has no networks yet");
      return this.#networks;
    };
    this.#kernel =
      tcImage === null
        ? null
        : new KernelShaping({ engine, plan, runId, prefix, image: tcImage, networks, containerOf });
    this.shaping = this.#kernel ?? SHAPED_BY_NODES;
  }

  get place(): ContainerPlace {
    invariant(this.#place !== null, "the system is not open");
    return this.#place;
  }

  async open(chain: ChainFile): Promise<string | null> {
    removeBehind();
    const { plan } = this.#context;
    const engine = this.#engine;
    const runId = this.#runId;
    const prefix = prefixOf(runId);
    try {
      const kernel = this.#kernel;
      const plugged = async (node: number) => await kernel?.plugged(node);
      const labels = runLabels(runId);
      const networks = await RunNetworks.create(engine, { plan, prefix, labels, plugged });
      this.#networks = networks;
      const image = this.#image.id;
      const parts = { engine, runId, prefix, image, networks, kernel, chain: chain.json };
      this.#place = new ContainerPlace(parts);
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

/** Before the first thing is made. A runner that gives up in the middle (a second Ctrl-C, a mistake of ours) has no time to remove anything itself. */
function removeBehind(): void {
  process.off("exit", cleanBehind).on("exit", cleanBehind);
}

/** Another process removes what there is, once this one is gone. */
function cleanBehind(): void {
  const words = [CLEAN_MAIN, "--after", String(process.pid)];
  spawn(process.execPath, words, { detached: true, stdio: "ignore" }).unref();
}
