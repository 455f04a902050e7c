import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { LinkConditions } from "../../../node/link/link-conditions.ts";
import type { PlannedNode, RunPlan } from "../../plan.ts";
import { decodeNodeEvent, type NodeEvent } from "./decode-event.ts";
import { EventLoopWatch } from "./event-loop-watch.ts";
import { followEvents } from "./event-stream.ts";
import { readLogTail } from "./log-tail.ts";
import { NodeClient } from "./node-client.ts";
import type { LifeEnd, LifeStart, NodeLife, NodePlace } from "./node-life.ts";
import { OperationError } from "./operation-error.ts";

export interface LiveNodeParts {
  readonly plan: RunPlan;
  /** The run's folder. */
  readonly folder: string;
  readonly controlToken: string;
  readonly onEvent: (event: NodeEvent) => void;
  /** A life ended and nobody had asked for it. */
  readonly onDeath: (end: LifeEnd) => void;
}

export type NodeState = "down" | "up" | "paused";

/** What has last been heard of a node, by its events. */
export interface LastHeard {
  tipHash: string | null;
  height: number;
  mempoolCount: number | null;
  sample: Extract<NodeEvent, { type: "node-sampled" }> | null;
}

export interface StartOptions {
  readonly place: NodePlace;
  /** Addresses to link with at once. */
  readonly peers: readonly string[];
  readonly isMining: boolean;
  readonly signal: AbortSignal;
}

/** One node over all its lives: where it lives now, its events, and what the runner has asked of it. */
export class LiveNode {
  readonly index: number;
  readonly name: string;
  readonly logFile: string;
  readonly heard: LastHeard = { tipHash: null, height: 0, mempoolCount: null, sample: null };
  readonly eventLoop = new EventLoopWatch();
  state: NodeState = "down";
  /** Now asked of it. */
  hashesPerSec: number;
  /** An unexpected end, or events that were lost; the first stays. */
  failure: string | null = null;
  readonly #parts: LiveNodeParts;
  readonly #streams = new AbortController();
  #life: NodeLife | null = null;
  #client: NodeClient | null = null;
  #reading: Promise<void> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();
  /** The end of this life was asked for. */
  #endAsked = false;

  constructor(planned: PlannedNode, parts: LiveNodeParts) {
    this.index = planned.index;
    this.name = planned.name;
    this.hashesPerSec = planned.hashesPerSec;
    this.#parts = parts;
    this.logFile = join(parts.folder, "logs", `${planned.name}.log`);
  }

  /** The life it has, or had last; null before the first. */
  get life(): NodeLife | null {
    return this.#life;
  }

  get genesisHash(): string | null {
    return this.#life?.genesisHash ?? null;
  }

  /** Only to be asked of a node that has been up. */
  get client(): NodeClient {
    if (this.#client === null) throw new Error(`${this.name} has never been up`);
    return this.#client;
  }

  /** Carries out jobs on this node one after the other, in the order of the calls. */
  inTurn<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(job);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Begins a life on what the one before left on its disk. Null, or why it did not come up. */
  async start(conditions: LinkConditions, options: StartOptions): Promise<string | null> {
    const started = await this.#begin(conditions, options);
    if (!started.ok) return started.reason;
    if (this.#client !== null) {
      await this.lastEventsHeard();
      await this.#client.destroy();
    }
    const { life } = started;
    this.#life = life;
    this.#endAsked = false;
    this.state = "up";
    const client = new NodeClient(life.url, this.#parts.controlToken);
    this.#client = client;
    this.#reading = this.#follow(client, life);
    void life.ended.then((end) => this.#ended(end, life));
    return null;
  }

  /** Kills it; resolves when it is gone. */
  async crash(): Promise<void> {
    this.#endAsked = true;
    await this.#life?.kill();
    this.state = "down";
  }

  /** Resolves when all is heard that the node told before it went down: it is still in the socket, and counts. */
  async lastEventsHeard(): Promise<void> {
    await Promise.race([this.#reading, setTimeout(STREAM_END_TIMEOUT_MS)]);
  }

  async pause(): Promise<void> {
    // From now on nobody submits to it: whether it would still take in a transaction could not be told.
    this.state = "paused";
    try {
      await this.#life?.freeze();
    } catch (error) {
      if (this.#life?.end === null) this.state = "up";
      throw error;
    }
  }

  async resume(): Promise<void> {
    await this.#life?.thaw();
    this.eventLoop.resumed();
    this.state = "up";
  }

  /** Ends it for good: asks it to, and after `graceMs` kills it; resolves when it is gone. */
  async end(graceMs: number): Promise<void> {
    this.#endAsked = true;
    try {
      await this.#endLife(graceMs);
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      this.failure ??= `it could not be ended: ${error.message}`;
    }
    this.#streams.abort();
    await this.#client?.destroy();
    await this.#reading;
  }

  async #endLife(graceMs: number): Promise<void> {
    const life = this.#life;
    if (life === null || life.end !== null) return;
    if (this.state === "paused") return await life.kill();
    await life.terminate();
    const isGone = await Promise.race([life.ended.then(() => true), setTimeout(graceMs, false)]);
    if (!isGone) await life.kill();
  }

  async #begin(conditions: LinkConditions, options: StartOptions): Promise<LifeStart> {
    const { plan, controlToken } = this.#parts;
    const mines = options.isMining && this.hashesPerSec > 0;
    const flags = [
      ...["--name", this.name],
      ...["--key-seed", minerKeySeed(plan, this.index), "--seed", plan.seed, "--relay", plan.relay],
      ...["--mine", mines ? "continuous" : "off"],
      ...(this.hashesPerSec > 0 ? ["--hash-rate", `${this.hashesPerSec}H/s`] : []),
      ...options.peers.flatMap((url) => ["--peer", url]),
    ];
    const { index: node, name, logFile } = this;
    return await options.place.start(
      { node, name, flags, conditions, controlToken, logFile },
      options.signal,
    );
  }

  #follow(client: NodeClient, life: NodeLife): Promise<void> {
    return followEvents(
      client,
      ({ type, data }) => {
        const decoded = decodeNodeEvent(type, data);
        if (decoded.kind === "event") this.#hear(decoded.event);
        else if (decoded.kind === "gap")
          this.failure ??= "the runner read its events too slowly and lost some";
        else if (decoded.kind === "malformed")
          this.failure ??= `it told of an event that cannot be read (${decoded.reason})`;
      },
      {
        signal: this.#streams.signal,
        isOver: () => life.end !== null,
      },
    );
  }

  #hear(event: NodeEvent): void {
    if (event.type === "tip-changed") {
      this.heard.tipHash = event.hash;
      this.heard.height = event.height;
    } else if (event.type === "node-sampled") {
      this.heard.sample = event;
      this.heard.mempoolCount = event.mempoolCount;
    }
    this.#parts.onEvent(event);
  }

  #ended(end: LifeEnd, life: NodeLife): void {
    if (life !== this.#life || this.#endAsked) return;
    this.state = "down";
    this.#parts.onDeath(end);
  }

  /** The last line of its log, to be shown with a failure. */
  async lastWords(): Promise<string> {
    return await readLogTail(this.logFile, 1);
  }
}

/** After the end of a life its socket is read to the end within milliseconds; more is a machine that hangs. */
const STREAM_END_TIMEOUT_MS = 1_000;

/** The text that a miner's key is made from; with the seed, so that no two runs share keys by accident. */
export function minerKeySeed(plan: Pick<RunPlan, "seed">, node: number): string {
  return `${plan.seed} miner ${node}`;
}
