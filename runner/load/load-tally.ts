import type { RunEvent } from "../record/run-event.ts";

interface Counts {
  submitted: number;
  accepted: number;
  refused: number;
  unknown: number;
}

/** What became of a load, counted from its events: in all, and since the last line that was told. */
export class LoadTally {
  readonly #total = noCounts();
  #fresh = noCounts();
  /** Refusals and silences since the last line, by code. */
  readonly #codes = new Map<string, number>();
  #lastShed = 0;

  add(event: RunEvent): void {
    if (event.type === "transaction-submitted") this.#count("submitted");
    if (event.type !== "transaction-settled") return;
    this.#count(event.outcome);
    if (event.code !== "") this.#codes.set(event.code, (this.#codes.get(event.code) ?? 0) + 1);
  }

  get inFlight(): number {
    const { submitted, accepted, refused, unknown } = this.#total;
    return submitted - accepted - refused - unknown;
  }

  /** One line on what happened since the line before. */
  line(seconds: number, shedCount: number, nodeCount: number): string {
    const { submitted, accepted, refused, unknown } = this.#fresh;
    const codes = [...this.#codes].map(([code, count]) => `${code} ${count}`).join(", ");
    const shed = shedCount - this.#lastShed;
    this.#fresh = noCounts();
    this.#codes.clear();
    this.#lastShed = shedCount;
    const rate = (submitted / seconds).toFixed(1);
    const failed = `${refused} refused, ${unknown} unknown${codes === "" ? "" : ` (${codes})`}, ${shed} shed`;
    return `${rate}/s to ${nodeCount} nodes: ${accepted} accepted, ${failed}, ${this.inFlight} under way`;
  }

  summary(shedCount: number): string {
    const { submitted, accepted, refused, unknown } = this.#total;
    return `ended: ${submitted} submitted, ${accepted} accepted, ${refused} refused, ${unknown} unknown, ${shedCount} shed`;
  }

  #count(what: keyof Counts): void {
    this.#total[what] += 1;
    this.#fresh[what] += 1;
  }
}

function noCounts(): Counts {
  return { submitted: 0, accepted: 0, refused: 0, unknown: 0 };
}
