import type { Hex } from "../../node/core/chain/types.ts";
import { invariant } from "../../node/core/support/invariant.ts";
import { IntegerColumn, WideColumn } from "./growing-column.ts";
import type { RunEvent } from "./run-event.ts";

/**
 * How many events a run may record. An arrival takes 20 bytes, a change of tip 40, so this is about 1 GB (twice that
 * while a column grows); a run that wants more is a scenario with a mistake in it, and should hear so before the machine swaps.
 */
export const JOURNAL_EVENTS_MAX = 40_000_000;

/** What a live run hangs behind the journal, so that each event is on disk before the next (`journal-file.ts`). */
export type JournalSink = (event: RunEvent) => void;

const BOXED = 0;
const BLOCK_RECEIVED = 1;
const TIP_CHANGED = 2;

/** Values of a change of tip: hash, previous hash, height, disconnected, connected. */
const TIP_FIELDS = 5;

/**
 * Everything a run recorded: append-only, then finished once. The two kinds that come once per block and node are kept
 * in columns instead of objects: 5 million of them take 150 MB, a quarter of what objects would, and the collector never
 * looks at them. All other kinds stay the objects they came as.
 */
export class Journal {
  readonly #sink: JournalSink | null;
  readonly #atUs = new WideColumn();
  readonly #layout = new IntegerColumn();
  /** Of a column event its node; of a boxed one its place in `#boxed`. */
  readonly #first = new IntegerColumn();
  /** Of a received block its hash; of a change of tip where its values start in `#tips`. */
  readonly #second = new IntegerColumn();
  readonly #tips = new IntegerColumn();
  readonly #boxed: RunEvent[] = [];
  readonly #hashes: Hex[] = [];
  readonly #hashIds = new Map<Hex, number>();
  #isOrdered = true;
  #latestUs = Number.NEGATIVE_INFINITY;
  #isFinished = false;

  constructor(options: { readonly sink?: JournalSink } = {}) {
    this.#sink = options.sink ?? null;
  }

  get count(): number {
    return this.#atUs.length;
  }

  append(event: RunEvent): void {
    invariant(!this.#isFinished, "an event came after the journal was finished");
    invariant(this.count < JOURNAL_EVENTS_MAX, `a run records at most ${JOURNAL_EVENTS_MAX} events`);
    this.#sink?.(event);
    this.#atUs.push(event.atUs);
    if (event.atUs < this.#latestUs) this.#isOrdered = false;
    else this.#latestUs = event.atUs;
    if (event.type === "block-received") this.#push(BLOCK_RECEIVED, event.node, this.#idOf(event.hash));
    else if (event.type === "tip-changed") {
      this.#push(TIP_CHANGED, event.node, this.#tips.length);
      this.#tips.push(this.#idOf(event.hash));
      this.#tips.push(this.#idOf(event.previousHash));
      this.#tips.push(event.height);
      this.#tips.push(event.disconnected);
      this.#tips.push(event.connected);
    } else {
      this.#push(BOXED, this.#boxed.length, 0);
      this.#boxed.push(event);
    }
  }

  /** Closes the journal. What a run that was stopped half-way recorded is finished the same way. */
  finish(): RecordedRun {
    this.#isFinished = true;
    const order = this.#isOrdered ? null : this.#sortedOrder();
    return new RecordedRun(this.count, (position) => this.#eventAt(order?.[position] ?? position));
  }

  #push(layout: number, first: number, second: number): void {
    this.#layout.push(layout);
    this.#first.push(first);
    this.#second.push(second);
  }

  #idOf(hash: Hex): number {
    const known = this.#hashIds.get(hash);
    if (known !== undefined) return known;
    const id = this.#hashes.length;
    this.#hashes.push(hash);
    this.#hashIds.set(hash, id);
    return id;
  }

  #hashOf(id: number): Hex {
    const hash = this.#hashes[id];
    invariant(hash !== undefined, `no hash has id ${id}`);
    return hash;
  }

  #sortedOrder(): Uint32Array {
    const order = new Uint32Array(this.count);
    for (let i = 0; i < order.length; i++) order[i] = i;
    // The arrival makes the order total: two events of one microsecond never swap.
    return order.sort((a, b) => this.#atUs.at(a) - this.#atUs.at(b) || a - b);
  }

  #eventAt(arrival: number): RunEvent {
    const atUs = this.#atUs.at(arrival);
    const layout = this.#layout.at(arrival);
    const node = this.#first.at(arrival);
    if (layout === BLOCK_RECEIVED)
      return { type: "block-received", atUs, node, hash: this.#hashOf(this.#second.at(arrival)) };
    if (layout === TIP_CHANGED) return this.#tipChangeAt(atUs, node, this.#second.at(arrival));
    const boxed = this.#boxed[node];
    invariant(boxed !== undefined, `event ${arrival} is lost`);
    return boxed;
  }

  #tipChangeAt(atUs: number, node: number, start: number): RunEvent {
    invariant(start + TIP_FIELDS <= this.#tips.length, "a change of tip is cut short");
    return {
      type: "tip-changed",
      atUs,
      node,
      hash: this.#hashOf(this.#tips.at(start)),
      previousHash: this.#hashOf(this.#tips.at(start + 1)),
      height: this.#tips.at(start + 2),
      disconnected: this.#tips.at(start + 3),
      connected: this.#tips.at(start + 4),
    };
  }
}

/**
 * A finished journal: the events in the order of time, then of arrival. It can be walked any number of times; events
 * are made as the walk comes to them, so a walk costs no memory.
 */
export class RecordedRun implements Iterable<RunEvent> {
  readonly count: number;
  readonly #eventAt: (position: number) => RunEvent;

  constructor(count: number, eventAt: (position: number) => RunEvent) {
    this.count = count;
    this.#eventAt = eventAt;
  }

  *[Symbol.iterator](): Generator<RunEvent, void, undefined> {
    for (let position = 0; position < this.count; position++) yield this.#eventAt(position);
  }
}
