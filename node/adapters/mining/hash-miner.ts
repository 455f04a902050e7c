import { encodeHeader } from "../../core/chain/header-bytes.ts";
import { targetFromCompact } from "../../core/chain/target.ts";
import type { BlockTemplate } from "../../core/consensus/block-template.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { invariant } from "../../core/support/invariant.ts";
import type { Micros } from "../../core/support/micros.ts";
import type { Miner } from "../../ports/miner.ts";
import type { MiningControl, MiningMode } from "../../ports/mining-control.ts";
import { type Find, hashClockMs } from "./hasher.ts";
import { HasherGroup } from "./hasher-group.ts";
import type { MinerHost } from "./miner-host.ts";
import { sealTemplate } from "./seal-template.ts";

/** How old work may get: its header's time stays near the clock's, and new transactions find their way in. */
const REFRESH_MS = 1_000;

/** Templates that a find may still be for: a thread may have found a nonce just before it heard of newer work. */
const TEMPLATE_COUNT_MAX = 4;

export interface HashMinerSettings {
  readonly mode: MiningMode;
  readonly hashesPerSec: number;
  /** How many threads share the rate; null: none while it is small, else one. */
  readonly threadCount: number | null;
  readonly nowUs: () => Micros;
  /** A thread broke: a bug of ours. */
  readonly onFailure: (error: unknown) => void;
}

/** Really hashes, throttled to the configured rate. */
export class HashMiner implements Miner, MiningControl {
  mode: MiningMode;
  hashesPerSecAsked: number;
  readonly #host: MinerHost;
  readonly #settings: HashMinerSettings;
  readonly #hashers: HasherGroup;
  readonly #templates = new Map<number, BlockTemplate>();
  #isClosed = false;
  #lastId = 0;
  /** When the find was made that the next work follows. */
  #foundAtMs: number | null = null;
  #refresh: NodeJS.Immediate | null = null;
  #refreshTimer: NodeJS.Timeout | null = null;
  #wanted: ((block: BlockEntry) => void)[] = [];

  constructor(host: MinerHost, settings: HashMinerSettings) {
    this.#host = host;
    this.#settings = settings;
    this.mode = settings.mode;
    this.hashesPerSecAsked = settings.hashesPerSec;
    const { threadCount, onFailure } = settings;
    this.#hashers = new HasherGroup({ threadCount, onFailure, onFound: (find) => this.#onFound(find) });
    this.#hashers.setRate(settings.hashesPerSec);
  }

  tipChanged(_view: number, _tip: BlockEntry): void {
    this.#refreshSoon();
  }

  setHashRate(_view: number, hashesPerSec: number): void {
    this.hashesPerSecAsked = hashesPerSec;
    this.#hashers.setRate(hashesPerSec);
    this.#refreshSoon();
  }

  setMode(mode: MiningMode): void {
    this.mode = mode;
    this.#refreshSoon();
  }

  hashesTried(): number {
    return this.#hashers.hashesTried();
  }

  mineOne(deadlineMs: number): Promise<BlockEntry | null> {
    return new Promise((resolve) => {
      const finish = (block: BlockEntry | null) => {
        clearTimeout(timer);
        this.#wanted = this.#wanted.filter((other) => other !== finish);
        resolve(block);
        this.#refreshSoon();
      };
      const timer = setTimeout(() => finish(null), deadlineMs);
      this.#wanted.push(finish);
      this.#refreshSoon();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#refresh !== null) clearImmediate(this.#refresh);
    if (this.#refreshTimer !== null) clearInterval(this.#refreshTimer);
    await this.#hashers.close();
  }

  get #isMining(): boolean {
    const isAsked = this.mode === "continuous" || this.#wanted.length > 0;
    return !this.#isClosed && this.hashesPerSecAsked > 0 && isAsked;
  }

  /** Not at once: the host calls from inside its own work, and several changes of one moment need one template. */
  #refreshSoon(): void {
    if (this.#isClosed) return;
    this.#refresh ??= setImmediate(() => {
      this.#refresh = null;
      this.#sendWork();
    });
  }

  #sendWork(): void {
    const sinceMs = this.#foundAtMs ?? hashClockMs();
    this.#foundAtMs = null;
    if (!this.#isMining) {
      if (this.#refreshTimer !== null) clearInterval(this.#refreshTimer);
      this.#refreshTimer = null;
      this.#hashers.setWork(null);
      return;
    }
    this.#refreshTimer ??= setInterval(() => this.#sendWork(), REFRESH_MS);
    const template = this.#host.template(this.#settings.nowUs());
    const target = targetFromCompact(template.header.compactTarget);
    invariant(target !== null, "a template without a target");
    const id = ++this.#lastId;
    this.#templates.set(id, template);
    this.#templates.delete(id - TEMPLATE_COUNT_MAX);
    this.#hashers.setWork({ id, headerBytes: encodeHeader(template.header), target, sinceMs });
  }

  #onFound({ workId, nonce, foundAtMs }: Find): void {
    const template = this.#templates.get(workId);
    if (template === undefined || !this.#isMining) return;
    // A thread that has not heard of this find may make another one on the same parent: a miner does not fork with itself.
    const { parentHash } = template.header;
    for (const [id, { header }] of this.#templates)
      if (header.parentHash === parentHash) this.#templates.delete(id);
    const block = sealTemplate(this.#host, template, nonce, this.#settings.nowUs());
    for (const finish of this.#wanted) finish(block);
    this.#foundAtMs = foundAtMs;
    // A find on a tip that was just overtaken changes no tip, and its finder rests.
    this.#refreshSoon();
  }
}
