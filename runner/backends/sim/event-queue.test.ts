import fc from "fast-check";
import { expect, test } from "vitest";
import { EventQueue } from "./event-queue.ts";

interface Expected {
  readonly atUs: number;
  readonly sequence: number;
  /** Null: scheduled in the lane, which carries nothing. */
  readonly payload: number | null;
}

/** What is done to a queue; times are relative to its now. */
type Command =
  | { readonly do: "schedule"; readonly inUs: number }
  | { readonly do: "lane"; readonly inUs: number }
  | { readonly do: "reserve" }
  | { readonly do: "schedule-as"; readonly inUs: number; readonly which: number }
  | { readonly do: "take"; readonly withinUs: number }
  | { readonly do: "next" }
  | { readonly do: "pass"; readonly us: number };

/** Ties, near and far, and the edges of the wheels: 32 us times powers of 4,096. */
const EDGES_US = [32, 32 * 2 ** 12, 32 * 2 ** 24, 32 * 2 ** 36];
const delayUs = fc.oneof(
  fc.constantFrom(0, 0, 1, 31, 32, 33),
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 1_000_000 }),
  fc.tuple(fc.constantFrom(...EDGES_US), fc.integer({ min: -2, max: 2 })).map(([edge, off]) => edge + off),
  fc.integer({ min: 0, max: 2 ** 51 }),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: delayUs.map((inUs): Command => ({ do: "schedule", inUs })) },
  { weight: 2, arbitrary: delayUs.map((inUs): Command => ({ do: "lane", inUs })) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: "reserve" }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(delayUs, fc.nat(9))
      .map(([inUs, which]): Command => ({ do: "schedule-as", inUs, which })),
  },
  { weight: 4, arbitrary: delayUs.map((withinUs): Command => ({ do: "take", withinUs })) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: "next" }) },
  { weight: 1, arbitrary: delayUs.map((us): Command => ({ do: "pass", us })) },
);

test("events come as from a sorted list, whatever is scheduled, reserved and looked at between them", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
      const pair = new QueueAndList();
      for (const each of commands) pair.run(each);
      pair.drain();
    }),
    { numRuns: 300, seed: 11 },
  );
});

test("what is scheduled while its own moment is under way comes in that moment, last", () => {
  const queue = new EventQueue<string>();
  queue.schedule(5, 0, 0, 0, "first");
  queue.schedule(5, 0, 0, 0, "second");
  expect(queue.payload[queue.take(5)]).toBe("first");
  queue.schedule(5, 0, 0, 0, "third");
  expect(queue.payload[queue.take(5)]).toBe("second");
  expect(queue.payload[queue.take(5)]).toBe("third");
  expect(queue.take(5)).toBe(-1);
});

test("a taken event can be read until the next is scheduled", () => {
  const queue = new EventQueue<string>();
  queue.schedule(7, 3, 41, 99, "payload");
  const slot = queue.take(7);
  expect([
    queue.atUs(slot),
    queue.kind(slot),
    queue.node(slot),
    queue.detail(slot),
    queue.payload[slot],
  ]).toEqual([7, 3, 41, 99, "payload"]);
  expect(queue.size).toBe(0);
});

test("ten thousand events of one moment come in the order of scheduling", () => {
  const queue = new EventQueue<number>();
  for (let i = 0; i < 10_000; i++) queue.schedule(1_000_000, 0, 0, 0, i);
  for (let i = 0; i < 10_000; i++) expect(queue.payload[queue.take(1_000_000)]).toBe(i);
});

test("nothing can be scheduled before what was taken", () => {
  const queue = new EventQueue<null>();
  queue.schedule(100, 0, 0, 0, null);
  queue.take(100);
  expect(() => queue.schedule(99, 0, 0, 0, null)).toThrow(/before now/);
});

/** A queue beside the plainest thing that does the same. */
class QueueAndList {
  readonly #queue = new EventQueue<number>();
  readonly #list: Expected[] = [];
  readonly #reserved: number[] = [];
  #scheduled = 0;
  #payloads = 0;

  run(command: Command): void {
    const { nowUs } = this.#queue;
    switch (command.do) {
      case "schedule":
        this.#schedule(nowUs + command.inUs);
        return;
      case "lane":
        this.#scheduleInLane(nowUs + command.inUs);
        return;
      case "reserve":
        this.#reserved.push(this.#queue.reserveSequences(1));
        expect(this.#reserved.at(-1)).toBe(this.#scheduled++);
        return;
      case "schedule-as":
        this.#scheduleAs(nowUs + command.inUs, command.which);
        return;
      case "take":
        this.#take(nowUs + command.withinUs);
        return;
      case "next":
        expect(this.#queue.nextAtUs()).toBe(this.#list[0]?.atUs ?? Number.POSITIVE_INFINITY);
        return;
      case "pass":
        // As far as nothing is due, as a simulation does at the end of a slice.
        this.#queue.nowUs = Math.min(nowUs + command.us, this.#list[0]?.atUs ?? nowUs);
    }
  }

  drain(): void {
    while (this.#list.length > 0) this.#take(Number.MAX_SAFE_INTEGER);
    expect(this.#queue.take(Number.MAX_SAFE_INTEGER)).toBe(-1);
  }

  #schedule(atUs: number): void {
    if (atUs > Number.MAX_SAFE_INTEGER) return;
    const payload = this.#payloads++;
    this.#queue.schedule(atUs, 0, 0, 0, payload);
    this.#add({ atUs, sequence: this.#scheduled++, payload });
  }

  #scheduleInLane(atUs: number): void {
    if (atUs > Number.MAX_SAFE_INTEGER) return;
    this.#queue.scheduleInLane(atUs, 0, 0);
    this.#add({ atUs, sequence: this.#scheduled++, payload: null });
  }

  #scheduleAs(atUs: number, which: number): void {
    const [sequence] = this.#reserved.splice(which % Math.max(1, this.#reserved.length), 1);
    if (sequence === undefined || atUs > Number.MAX_SAFE_INTEGER) return;
    const payload = this.#payloads++;
    this.#queue.scheduleAs(sequence, atUs, 0, 0, 0, payload);
    this.#add({ atUs, sequence, payload });
  }

  #add(event: Expected): void {
    this.#list.push(event);
    this.#list.sort((a, b) => a.atUs - b.atUs || a.sequence - b.sequence);
  }

  #take(limitUs: number): void {
    const slot = this.#queue.take(limitUs);
    const first = this.#list[0];
    if (first === undefined || first.atUs > limitUs) {
      expect(slot).toBe(-1);
      return;
    }
    this.#list.shift();
    const taken = {
      atUs: this.#queue.atUs(slot),
      sequence: this.#queue.sequence(slot),
      payload: this.#queue.payload[slot],
    };
    expect(taken).toEqual(first);
    expect(this.#queue.nowUs).toBe(first.atUs);
    expect(this.#queue.size).toBe(this.#list.length);
  }
}
