import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { LinkConditions } from "../../../node/link/link-conditions.ts";
import type { PlannedNode, RunPlan } from "../../plan.ts";
import { decodeNodeEvent, type NodeEvent } from "./decode-event.ts";
import { followEvents } from "./event-stream.ts";
import { readLogTail } from "./log-tail.ts";
import { bigintsAsText, NodeClient } from "./node-client.ts";
import { describeExit, NodeProcess, type ProcessExit } from "./node-process.ts";
import type { Watchdog } from "./watchdog.ts";

export interface LiveNodeParts {
  readonly plan: RunPlan;
  /** The run's folder. */
  readonly folder: string;
  readonly chainFile: string;
  readonly controlToken: string;
  readonly watchdog: Watchdog;
  readonly onEvent: (event: NodeEvent) => void;
  /** The process ended and nobody had asked for it. */
  readonly onDeath: (exit: ProcessExit) => void;
  /** See `ProcessSettings.main`. */
  readonly main?: string;
}

export type NodeState = "down" | "up" | "paused";

/** What has last been heard of a node, by its events. */
export interface LastHeard {
  tipHash: string | null;
  height: number;
  mempoolCount: number | null;
  sample: Extract<NodeEvent, { type: "node-sampled" }> | null;
}

/** One node over all its lives: its process, its events, and what the runner has asked of it. */
export class LiveNode {
  readonly index: number;
  readonly name: string;
  readonly logFile: string;
  readonly heard: LastHeard = { tipHash: null, height: 0, mempoolCount: null, sample: null };
  state: NodeState = "down";
  /** Now asked of it. */
  hashesPerSec: number;
  /** An unexpected end, or events that were lost; the first stays. */
  failure: string | null = null;
  genesisHash: string | null = null;
  readonly #parts: LiveNodeParts;
  readonly #streams = new AbortController();
  #process: NodeProcess | null = null;
  #client: NodeClient | null = null;
  #url: string | null = null;
  #reading: Promise<void> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();
  /** The end of the process was asked for. */
  #endAsked = false;

  constructor(planned: PlannedNode, parts: LiveNodeParts) {
    this.index = planned.index;
    this.name = planned.name;
    this.hashesPerSec = planned.hashesPerSec;
    this.#parts = parts;
    this.logFile = join(parts.folder, "logs", `${planned.name}.log`);
  }

  get url(): string | null {
    return this.#url;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
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

  /** Starts a process on the node's folder, on the address it had before if it had one. Null, or why it did not come up. */
  async start(
    conditions: LinkConditions,
    options: { readonly peers: readonly string[]; readonly isMining: boolean; readonly signal: AbortSignal },
  ): Promise<string | null> {
    const flags = await this.#flags(conditions, options.peers, options.isMining);
    const { name, logFile } = this;
    const { controlToken, watchdog, main } = this.#parts;
    const settings = { name, flags, controlToken, logFile, ...(main === undefined ? {} : { main }) };
    const started = await NodeProcess.start(settings, watchdog, options.signal);
    if (!started.ok) return started.reason;
    if (this.#client !== null) {
      await this.lastEventsHeard();
      await this.#client.destroy();
    }
    this.#process = started.process;
    this.#url = started.url;
    this.genesisHash = started.genesisHash;
    this.#endAsked = false;
    this.state = "up";
    const client = new NodeClient(started.url, controlToken);
    this.#client = client;
    this.#reading = this.#follow(client, started.process);
    started.process.exited.then((exit) => this.#ended(exit, started.process));
    return null;
  }

  /** SIGKILL; resolves when the process is gone. */
  async crash(): Promise<void> {
    this.#endAsked = true;
    this.#process?.kill("SIGKILL");
    await this.#process?.exited;
    this.state = "down";
  }

  /** Resolves when all is heard that the node told before it went down: it is still in the socket, and counts. */
  async lastEventsHeard(): Promise<void> {
    await Promise.race([this.#reading, setTimeout(STREAM_END_TIMEOUT_MS)]);
  }

  pause(): void {
    this.#process?.kill("SIGSTOP");
    this.state = "paused";
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
    this.state = "up";
  }

  /** Ends it for good: SIGTERM, and after `graceMs` SIGKILL; resolves when the process is gone. */
  async end(graceMs: number): Promise<void> {
    this.#endAsked = true;
    const node = this.#process;
    if (node !== null && node.exit === null) {
      if (this.state === "paused") node.kill("SIGKILL");
      node.kill("SIGTERM");
      const isGone = await Promise.race([node.exited.then(() => true), setTimeout(graceMs, false)]);
      if (!isGone) node.kill("SIGKILL");
      await node.exited;
    }
    this.#streams.abort();
    await this.#client?.destroy();
    await this.#reading;
  }

  async #flags(conditions: LinkConditions, peers: readonly string[], isMining: boolean): Promise<string[]> {
    const { plan, folder, chainFile } = this.#parts;
    const dir = join(folder, "nodes", this.name);
    await mkdir(dir, { recursive: true });
    const linksFile = join(folder, "nodes", `${this.name}.links.json`);
    await writeFile(linksFile, JSON.stringify(conditions, bigintsAsText, 2));
    const port = this.#url === null ? "0" : new URL(this.#url).port;
    const mines = isMining && this.hashesPerSec > 0;
    return [
      ...["--name", this.name, "--host", "127.0.0.1", "--port", port],
      ...["--dir", dir, "--chain", chainFile, "--links", linksFile],
      ...["--key-seed", minerKeySeed(plan, this.index), "--seed", plan.seed, "--relay", plan.relay],
      ...["--mine", mines ? "continuous" : "off"],
      ...(this.hashesPerSec > 0 ? ["--hash-rate", `${this.hashesPerSec}H/s`] : []),
      ...peers.flatMap((url) => ["--peer", url]),
    ];
  }

  #follow(client: NodeClient, node: NodeProcess): Promise<void> {
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
        isOver: () => node.exit !== null,
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

  #ended(exit: ProcessExit, node: NodeProcess): void {
    if (node !== this.#process || this.#endAsked) return;
    this.state = "down";
    this.failure ??= `the process ${describeExit(exit)}`;
    this.#parts.onDeath(exit);
  }

  /** The last line of its log, to be shown with a failure. */
  async lastWords(): Promise<string> {
    return await readLogTail(this.logFile, 1);
  }
}

/** After the end of a process its socket is read to the end within milliseconds; more is a machine that hangs. */
const STREAM_END_TIMEOUT_MS = 1_000;

/** The text that a miner's key is made from; with the seed, so that no two runs share keys by accident. */
export function minerKeySeed(plan: Pick<RunPlan, "seed">, node: number): string {
  return `${plan.seed} miner ${node}`;
}

/** Whether the kernel has the process stopped; null where there is no /proc to ask. */
export async function isStopped(pid: number): Promise<boolean | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name before it is in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
  } catch {
    // Not Linux, or the process has just ended: the caller probes otherwise.
    return null;
  }
}
