import { workOfCompact } from "../../core/chain/target.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { MICROS_PER_SEC, type Micros } from "../../core/support/micros.ts";
import type { Prng } from "../../core/support/prng.ts";
import type { Miner } from "../../ports/miner.ts";
import type { MiningControl, MiningMode } from "../../ports/mining-control.ts";
import type { MinerHost } from "./miner-host.ts";
import { sealTemplate } from "./seal-template.ts";

/** How often work is booked at least, us, so that a process that stood still can be told from one that waited. */
const PIECE_US: Micros = 250_000;

/** Beyond a piece, time that counts as worked when a timer comes late, us: as a hashing miner makes up for a stall, and for no more. */
const CATCH_UP_US: Micros = 1_000_000;

export interface DrawnMinerSettings {
  readonly mode: MiningMode;
  readonly hashesPerSec: number;
  /** This node's stream "mining". */
  readonly draws: Prng;
  readonly nowUs: () => Micros;
}

/**
 * Draws when the next block is found: a Poisson process in the expected blocks of work, as the simulator's miner, which a hashing miner's
 * finds are too. A timer that comes late does not slow the process down: what was worked beyond a find counts towards the next. A process that
 * was stopped does not work meanwhile.
 */
export class DrawnMiner implements Miner, MiningControl {
  mode: MiningMode;
  hashesPerSecAsked: number;
  readonly #host: MinerHost;
  readonly #draws: Prng;
  readonly #nowUs: () => Micros;
  /** Expected blocks still to be worked for until the next find; below 0 when that is late. */
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
    return Math.round(this.#tried + this.#worked(this.#nowUs()));
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

  /** Hashes since work was booked last. */
  #worked(nowUs: Micros): number {
    const elapsedUs = Math.min(Math.max(0, nowUs - this.#asOfUs), PIECE_US + CATCH_UP_US);
    return this.#hashesPerUs() * elapsedUs;
  }

  #settle(nowUs: Micros): void {
    const done = this.#worked(nowUs);
    this.#tried += done;
    this.#remaining -= done / this.#hashesPerBlock;
    this.#asOfUs = nowUs;
  }

  #arm(): void {
    this.close();
    const rate = this.#hashesPerUs() / this.#hashesPerBlock;
    if (rate === 0) return;
    const waitUs = Math.min(Math.max(0, this.#remaining) / rate, PIECE_US);
    this.#timer = setTimeout(() => this.#onTimer(), Math.ceil(waitUs / 1_000));
  }

  #onTimer(): void {
    this.#settle(this.#nowUs());
    if (this.#remaining <= 0) {
      this.#remaining += this.#draws.exponential(1);
      this.#find();
    }
    this.#arm();
  }

  #find(): BlockEntry {
    const nowUs = this.#nowUs();
    const nonce = (BigInt(this.#draws.integer(2 ** 32)) << 32n) | BigInt(this.#draws.integer(2 ** 32));
    return sealTemplate(this.#host, this.#host.template(nowUs), nonce, nowUs);
  }
}
