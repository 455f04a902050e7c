import type { Discovery, DiscoveryEffect, RefreshOutcome } from "../../core/discovery/discovery.ts";
import { entryOrigin } from "../../core/discovery/node-entry.ts";
import type { Ask } from "../../core/discovery/refresh.ts";
import type { Micros } from "../../core/support/micros.ts";
import type { LinkControl } from "../../ports/link-control.ts";
import type { DiscoveryClient } from "./discovery-client.ts";
import type { NodesFile } from "./nodes-file.ts";

/** How often the file is brought up to date, at most, ms: whoever introduces thousands of nodes causes no more writing than one. */
const WRITE_INTERVAL_MS = 1_000;

/** Hears how discovery fares, to count it. */
export interface DiscoveryTelemetry {
  refreshed(outcome: RefreshOutcome): void;
  /** Nothing that counts as an answer came. */
  askFailed(kind: Ask["kind"]): void;
}

export interface LiveDiscoverySettings {
  readonly discovery: Discovery;
  readonly client: DiscoveryClient;
  readonly file: NodesFile;
  /** Null for a registry, which has none. */
  readonly links: LinkControl | null;
  /** Null where nobody counts. */
  readonly telemetry: DiscoveryTelemetry | null;
  readonly nowUs: () => Micros;
  readonly log: (level: "info" | "warn", event: string, facts: Readonly<Record<string, unknown>>) => void;
  readonly fatal: (error: unknown) => void;
}

/** Gives the state machine of discovery a clock, a client, a file and the links of its node. */
export class LiveDiscovery {
  #isClosed = false;
  #timer: NodeJS.Timeout | null = null;
  #isRegistryDown = false;
  #writtenVersion = 0;
  readonly #settings: LiveDiscoverySettings;
  readonly #writing: NodeJS.Timeout;

  /** Takes up what the file holds, and begins. */
  constructor(settings: LiveDiscoverySettings) {
    this.#settings = settings;
    const { discovery, file, nowUs, log } = settings;
    const { nodes, fault } = file.read();
    if (fault !== null) log("warn", "nodes-file-damaged", { file: file.path, reason: fault });
    for (const entry of nodes) discovery.nodes.introduce(entry, nowUs());
    this.#writtenVersion = fault === null ? discovery.nodes.version : -1;
    this.#writing = setInterval(() => this.#write(), WRITE_INTERVAL_MS);
    log("info", "discovery-started", { file: file.path, knownCount: nodes.length });
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    clearInterval(this.#writing);
    this.#settings.client.close();
    this.#write();
  }

  #wake(): void {
    const { discovery, links, nowUs } = this.#settings;
    const linked = links?.linkedUrls() ?? new Set();
    this.#carryOut(discovery.wake(linked, links?.slowUrls() ?? new Set(), nowUs()));
  }

  #carryOut(effects: readonly DiscoveryEffect[]): void {
    const { discovery, links, telemetry, nowUs, fatal } = this.#settings;
    for (const effect of effects) {
      if (effect.type === "ask") this.#ask(effect.ask).catch(fatal);
      else if (effect.type === "refreshed") telemetry?.refreshed(effect.outcome);
      else if (effect.type === "dial") links?.dial(entryOrigin(effect.entry));
      else links?.release(entryOrigin(effect.entry), effect.reason);
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    const delayMs = Math.max(0, Math.ceil((discovery.wakeAtUs - nowUs()) / 1_000));
    this.#timer = setTimeout(() => this.#wake(), delayMs);
  }

  async #ask(ask: Ask): Promise<void> {
    const { discovery, client, telemetry, nowUs } = this.#settings;
    const answer = await client.ask(ask);
    if (this.#isClosed) return;
    if (answer.kind === "failed") telemetry?.askFailed(ask.kind);
    if (ask.kind === "introduce") this.#noteRegistry(answer.kind === "failed" ? answer.reason : null);
    this.#carryOut(discovery.answer(ask, answer, nowUs()));
  }

  /** Said once when it goes and once when it comes back: a registry that is down for hours fills no log. */
  #noteRegistry(reason: string | null): void {
    const isDown = reason !== null;
    if (isDown && !this.#isRegistryDown) this.#settings.log("warn", "registry-unreachable", { reason });
    if (!isDown && this.#isRegistryDown) this.#settings.log("info", "registry-reached-again", {});
    this.#isRegistryDown = isDown;
  }

  /**
   * Not in the middle of a refresh, and no empty list: a node that starts while its network is out of reach would forget, one by one, all by whom it
   * could find it again.
   */
  #write(): void {
    const { discovery, file, log } = this.#settings;
    const { version, listed } = discovery.nodes;
    if (version === this.#writtenVersion || discovery.isRefreshing || listed.length === 0) return;
    const fault = file.write(listed);
    if (fault === null) this.#writtenVersion = version;
    else log("warn", "nodes-file-not-written", { file: file.path, reason: fault });
  }
}
