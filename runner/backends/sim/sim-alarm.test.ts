import fc from "fast-check";
import { expect, test } from "vitest";
import type { Message } from "../../../node/core/state/messages.ts";
import { EventQueue } from "./event-queue.ts";
import { SimAlarm } from "./sim-alarm.ts";

/** When node 0 is woken until `untilUs`. */
function wakesOf(queue: EventQueue<Message>, alarm: SimAlarm, untilUs: number): number[] {
  const wakesUs: number[] = [];
  for (let slot = queue.take(untilUs); slot !== -1; slot = queue.take(untilUs))
    if (queue.node(slot) === 0 && alarm.isDue(0, queue.nowUs)) wakesUs.push(queue.nowUs);
  queue.nowUs = untilUs;
  return wakesUs;
}

function makeAlarm() {
  const queue = new EventQueue<Message>();
  return { queue, alarm: new SimAlarm(queue, 2) };
}

test("a wish is granted once, at its time", () => {
  const { queue, alarm } = makeAlarm();
  alarm.wakeAt(0, 10);
  alarm.wakeAt(1, 5);
  expect(wakesOf(queue, alarm, 100)).toEqual([10]);
});

test.each([
  [10, 5],
  [5, 10],
])("a wish for %i us is replaced by one for %i us", (first, second) => {
  const { queue, alarm } = makeAlarm();
  alarm.wakeAt(0, first);
  alarm.wakeAt(0, second);
  expect(wakesOf(queue, alarm, 100)).toEqual([second]);
});

test("only the last wish counts, however many there were before it", () => {
  const wish = fc.record({ afterUs: fc.nat(20), inUs: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(fc.array(wish, { minLength: 1, maxLength: 30 }), (wishes) => {
      const { queue, alarm } = makeAlarm();
      const wokenUs: number[] = [];
      const expectedUs: number[] = [];
      let wishUs = Number.POSITIVE_INFINITY;
      for (const { afterUs, inUs } of wishes) {
        const nowUs = queue.nowUs + afterUs;
        wokenUs.push(...wakesOf(queue, alarm, nowUs));
        if (wishUs <= nowUs) expectedUs.push(wishUs);
        wishUs = nowUs + inUs;
        alarm.wakeAt(0, wishUs);
      }
      wokenUs.push(...wakesOf(queue, alarm, queue.nowUs + 100));
      expect(wokenUs).toEqual([...expectedUs, wishUs]);
    }),
    { seed: 12 },
  );
});

test("a node that stood still past its wish is woken late, and can wish again", () => {
  const { queue, alarm } = makeAlarm();
  alarm.wakeAt(0, 10);
  queue.take(10);
  // The event waited for the node.
  expect(alarm.isDue(0, 500)).toBe(true);
  queue.nowUs = 500;
  alarm.wakeAt(0, 600);
  expect(wakesOf(queue, alarm, 1_000)).toEqual([600]);
});

test("a process that is gone is not woken, and the next one gets its own wish", () => {
  const { queue, alarm } = makeAlarm();
  alarm.wakeAt(0, 10);
  alarm.forget(0);
  expect(wakesOf(queue, alarm, 5)).toEqual([]);
  alarm.wakeAt(0, 20);
  expect(wakesOf(queue, alarm, 100)).toEqual([20]);
});

test("a process that is killed while it stands still takes its alarm with it, and the next one is woken", () => {
  const { queue, alarm } = makeAlarm();
  alarm.wakeAt(0, 10);
  // The event waited for the node, and was lost with it.
  queue.take(10);
  alarm.forget(0);
  alarm.wakeAt(0, 50);
  expect(wakesOf(queue, alarm, 100)).toEqual([50]);
});

test("an alarm of a process that is gone does not wake the next one early, nor twice", () => {
  const { queue, alarm } = makeAlarm();
  alarm.wakeAt(0, 10);
  alarm.forget(0);
  alarm.wakeAt(0, 10);
  expect(wakesOf(queue, alarm, 10)).toEqual([10]);
  alarm.wakeAt(0, 30);
  alarm.forget(0);
  alarm.wakeAt(0, 40);
  expect(wakesOf(queue, alarm, 100)).toEqual([40]);
});
