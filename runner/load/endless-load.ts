import { MICROS_PER_SEC, type Micros } from "../../node/core/support/micros.ts";
import { Prng } from "../../node/core/support/prng.ts";
import type { PlannedTransaction } from "../plan.ts";
import type { LoadOptions } from "./load-command.ts";

/** What a transfer moves: the least there is, since only the number of transactions matters here. */
const TRANSFER_AMOUNT = 1n;

/**
 * The transactions of a Poisson process without an end, drawn as they are taken. After a gap in which this machine slept, it goes on from now
 * and makes nothing up for the time that was lost.
 */
export class EndlessLoad {
  readonly #options: LoadOptions;
  readonly #arrivals: Prng;
  readonly #draws: Prng;
  readonly #meanUs: number;
  #count = 0;
  #nextUs: number;

  constructor(options: LoadOptions, startUs: Micros) {
    const prng = new Prng(options.seed).stream("endless load");
    this.#options = options;
    this.#arrivals = prng.stream("arrivals");
    this.#draws = prng.stream("transactions");
    this.#meanUs = MICROS_PER_SEC / options.perSec;
    this.#nextUs = startUs + this.#arrivals.exponential(this.#meanUs);
  }

  /** When the next one is due. */
  get nextUs(): Micros {
    return Math.floor(this.#nextUs);
  }

  /** Those that are due by now, in order; of a gap longer than `gapUsMax` none. */
  *dueBy(nowUs: Micros, gapUsMax: Micros): Generator<PlannedTransaction> {
    if (nowUs - this.#nextUs > gapUsMax) this.#nextUs = nowUs;
    while (this.nextUs <= nowUs) {
      yield this.#draw(this.nextUs);
      this.#nextUs += this.#arrivals.exponential(this.#meanUs);
    }
  }

  #draw(atUs: Micros): PlannedTransaction {
    const { accountCount, feeMax, kind } = this.#options;
    const account = this.#draws.integer(accountCount);
    const fee = BigInt(this.#draws.integer(feeMax + 1));
    const isPost = kind === "post" || (kind === "mixed" && this.#draws.integer(2) === 0);
    this.#count += 1;
    if (isPost) return { atUs, account, fee, body: { kind: "post", text: `post ${this.#count}` } };
    // Anybody but the sender.
    const recipient = (account + 1 + this.#draws.integer(accountCount - 1)) % accountCount;
    return { atUs, account, fee, body: { kind: "transfer", recipient, amount: TRANSFER_AMOUNT } };
  }
}
