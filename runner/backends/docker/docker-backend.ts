import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { invariant } from "../../../node/core/support/invariant.ts";
import type { BackendContext } from "../backend.ts";
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

const CLEAN_MAIN = fileURLToPath(new URL("../../clean-main.ts", import.meta.url));

/** One container for each node, on networks that a partition takes apart. */
export class DockerBackend extends LiveBackend {
  constructor(context: BackendContext, engine: DockerEngine, image: NodeImage) {
    super(context, new DockerSystem(context, engine, image));
  }
}

class DockerSystem implements LiveSystem {
  readonly name = "docker";
  readonly cuts: LinkCuts;
  readonly #context: BackendContext;
  readonly #engine: DockerEngine;
  readonly #image: NodeImage;
  readonly #runId = randomBytes(4).toString("hex");
  #networks: RunNetworks | null = null;
  #place: ContainerPlace | null = null;

  constructor(context: BackendContext, engine: DockerEngine, image: NodeImage) {
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
    const prefix = `forklab-${runId}`;
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

/** A runner that gives up in the middle (a second Ctrl-C, a mistake of ours) has no time to remove anything: another process does, once it is gone. */
function cleanBehind(): void {
  spawn(process.execPath, [CLEAN_MAIN], { detached: true, stdio: "ignore" }).unref();
}
