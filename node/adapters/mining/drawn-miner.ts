import { workOfCompact } from "../../core/chain/target.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { MICROS_PER_SEC, type Micros } from "../../core/support/micros.ts";
import type { Prng } from "../../core/support/prng.ts";
import type { Miner } from "../../ports/miner.ts";
import type { MiningControl, MiningMode } from "../../ports/mining-control.ts";
import type { MinerHost } from "./miner-host.ts";
import { sealTemplate } from "./seal-template.ts";

/** The longest that setTimeout takes; a longer wait is cut into pieces. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export interface DrawnMinerSettings {
  readonly mode: MiningMode;
  readonly hashesPerSec: number;
  /** This node's stream "mining". */
  readonly draws: Prng;
  readonly nowUs: () => Micros;
}

/**
 * Draws when the next block is found: a Poisson process in the expected blocks of work, as the simulator's miner, which a hashing miner's
 * finds are too. A timer that comes late does not slow the process down: the next draw counts from when the find was due.
 */
export class DrawnMiner implements Miner, MiningControl {
  mode: MiningMode;
  hashesPerSecAsked: number;
  readonly #host: MinerHost;
  readonly #draws: Prng;
  readonly #nowUs: () => Micros;
  /** Expected blocks still to be worked for until the next find. */
  #remaining: number;
  #asOfUs: Micros;
  #hashesPerBlock: number;
  #tried = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(host: MinerHost, settings: DrawnMinerSettings) {
    this.#host = host;
    this.mode = settings.mode;
    this.hashesPerSecAsked = settings.hashesPerSec;
    this.#draws = settings.draws;
    this.#nowUs = settings.nowUs;
    this.#remaining = this.#draws.exponential(1);
    this.#asOfUs = settings.nowUs();
    this.#hashesPerBlock = this.#expectedHashes();
  }

  tipChanged(_view: number, _tip: BlockEntry): void {
    this.#settle(this.#nowUs());
    this.#hashesPerBlock = this.#expectedHashes();
    this.#arm();
  }

  setHashRate(_view: number, hashesPerSec: number): void {
    this.#settle(this.#nowUs());
    this.hashesPerSecAsked = hashesPerSec;
    this.#arm();
  }

  setMode(mode: MiningMode): void {
    this.#settle(this.#nowUs());
    this.mode = mode;
    this.#arm();
  }

  hashesTried(): number {
    const elapsedUs = Math.max(0, this.#nowUs() - this.#asOfUs);
    return Math.round(this.#tried + this.#hashesPerUs() * elapsedUs);
  }

  mineOne(_deadlineMs: number): Promise<BlockEntry> {
    return Promise.resolve(this.#find());
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #expectedHashes(): number {
    const { tree, tip } = this.#host.machine;
    return Number(workOfCompact(tree.compactTargetAfter(tip)));
  }

  #hashesPerUs(): number {
    return this.mode === "continuous" ? this.hashesPerSecAsked / MICROS_PER_SEC : 0;
  }

  /** Books the work done until then. */
  #settle(atUs: Micros): void {
    const done = this.#hashesPerUs() * Math.max(0, atUs - this.#asOfUs);
    this.#tried += done;
    this.#remaining = Math.max(0, this.#remaining - done / this.#hashesPerBlock);
    this.#asOfUs = Math.max(this.#asOfUs, atUs);
  }

  #arm(): void {
    this.close();
    const rate = this.#hashesPerUs() / this.#hashesPerBlock;
    if (rate === 0) return;
    const dueUs = this.#asOfUs + this.#remaining / rate;
    const waitMs = Math.max(0, (dueUs - this.#nowUs()) / 1_000);
    const isLast = waitMs <= TIMER_MS_MAX;
    // Node's timers count whole ms: rounded, not cut off, so that finds are as often early as late.
    this.#timer = setTimeout(
      () => (isLast ? this.#onDue(dueUs) : this.#arm()),
      Math.round(Math.min(waitMs, TIMER_MS_MAX)),
    );
  }

  #onDue(dueUs: Micros): void {
    this.#tried += this.#hashesPerUs() * (dueUs - this.#asOfUs);
    this.#asOfUs = dueUs;
    this.#remaining = this.#draws.exponential(1);
    // Its tipChanged arms the timer again; a block that changes no tip leaves that to the line below.
    this.#find();
    this.#arm();
  }

  #find(): BlockEntry {
    const nowUs = this.#nowUs();
    const nonce = (BigInt(this.#draws.integer(2 ** 32)) << 32n) | BigInt(this.#draws.integer(2 ** 32));
    return sealTemplate(this.#host, this.#host.template(nowUs), nonce, nowUs);
  }
}
