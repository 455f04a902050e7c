import { drawLatencyUs } from "../node/link/latency.ts";
import { grown } from "../runner/backends/sim/grown.ts";
import { BLOCK_INTERVAL_US, BLOCK_TRANSMISSION_US, benchEdges } from "./sim-network.ts";

/**
 * The least that a simulator of block propagation can do: the events of announce, request and block in a binary heap of typed
 * arrays, one latency a link drawn once, and no protocol at all. It says how fast this machine is at this moment; the simulator is
 * measured as a multiple of it. Usage: node bench/bare-loop.ts NODES BLOCKS
 */
const nodeCount = Number(process.argv[2] ?? 600);
const blockCount = Number(process.argv[3] ?? 100);

const ANNOUNCE = 0;
const REQUEST = 1;

/** Binary heap of events by time; equal times in any order, because nothing depends on it here. */
class EventHeap {
  size = 0;
  #room = 1 << 16;
  atUs = new Float64Array(this.#room);
  latencyUs = new Float64Array(this.#room);
  kind = new Uint8Array(this.#room);
  source = new Int32Array(this.#room);
  target = new Int32Array(this.#room);
  #heap = new Int32Array(this.#room);
  #free = Int32Array.from({ length: this.#room }, (_, slot) => slot);

  push(atUs: number, kind: number, source: number, target: number, latencyUs: number): void {
    if (this.size === this.#room) this.#grow();
    const slot = this.#free[this.size] as number;
    this.atUs[slot] = atUs;
    this.kind[slot] = kind;
    this.source[slot] = source;
    this.target[slot] = target;
    this.latencyUs[slot] = latencyUs;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = this.#heap[parent] as number;
      if ((this.atUs[other] as number) <= atUs) break;
      this.#heap[at] = other;
      at = parent;
    }
    this.#heap[at] = slot;
  }

  pop(): number {
    const top = this.#heap[0] as number;
    const last = this.#heap[--this.size] as number;
    const lastUs = this.atUs[last] as number;
    let at = 0;
    for (let child = 1; child < this.size; child = 2 * at + 1) {
      if (child + 1 < this.size && this.#timeAt(child + 1) < this.#timeAt(child)) child++;
      if (this.#timeAt(child) >= lastUs) break;
      this.#heap[at] = this.#heap[child] as number;
      at = child;
    }
    this.#heap[at] = last;
    this.#free[this.size] = top;
    return top;
  }

  #timeAt(position: number): number {
    return this.atUs[this.#heap[position] as number] as number;
  }

  #grow(): void {
    const room = this.#room;
    this.#room *= 2;
    this.atUs = grown(this.atUs, Float64Array);
    this.latencyUs = grown(this.latencyUs, Float64Array);
    this.kind = grown(this.kind, Uint8Array);
    this.source = grown(this.source, Int32Array);
    this.target = grown(this.target, Int32Array);
    this.#heap = grown(this.#heap, Int32Array);
    this.#free = grown(this.#free, Int32Array);
    for (let slot = room; slot < this.#room; slot++) this.#free[slot] = slot;
  }
}

/** Peers of each node one after the other, with the latency of the link: node, latency, node, latency. */
function neighbours(): number[][] {
  const next: number[][] = Array.from({ length: nodeCount }, () => []);
  for (const { a, b, latency } of benchEdges(nodeCount)) {
    const latencyUs = drawLatencyUs(latency, 0.5);
    next[a]?.push(b, latencyUs);
    next[b]?.push(a, latencyUs);
  }
  return next;
}

function run(next: number[][]): { deliveries: number; events: number } {
  const heap = new EventHeap();
  const tip = new Int32Array(nodeCount);
  const asked = new Int32Array(nodeCount);
  const busyUntilUs = new Float64Array(nodeCount);
  let deliveries = 0;
  let events = 0;
  let nowUs = 0;
  const accept = (node: number, height: number) => {
    tip[node] = height;
    asked[node] = height;
    deliveries++;
    const links = next[node] as number[];
    for (let at = 0; at < links.length; at += 2) {
      const latencyUs = links[at + 1] as number;
      heap.push(nowUs + latencyUs, ANNOUNCE, node, links[at] as number, latencyUs);
    }
  };
  for (let height = 1; height <= blockCount; height++) {
    nowUs = height * BLOCK_INTERVAL_US;
    accept((height * 7919) % nodeCount, height);
    while (heap.size > 0) {
      const slot = heap.pop();
      const source = heap.source[slot] as number;
      const target = heap.target[slot] as number;
      const latencyUs = heap.latencyUs[slot] as number;
      const kind = heap.kind[slot];
      nowUs = heap.atUs[slot] as number;
      events++;
      if (kind === ANNOUNCE) {
        if ((asked[target] as number) >= height) continue;
        asked[target] = height;
        heap.push(nowUs + latencyUs, REQUEST, target, source, latencyUs);
      } else if (kind === REQUEST) {
        const doneUs = Math.max(nowUs, busyUntilUs[target] as number) + BLOCK_TRANSMISSION_US;
        busyUntilUs[target] = doneUs;
        heap.push(doneUs + latencyUs, REQUEST + 1, target, source, latencyUs);
      } else if ((tip[target] as number) < height) accept(target, height);
    }
  }
  return { deliveries, events };
}

const next = neighbours();
const started = process.hrtime.bigint();
const { deliveries, events } = run(next);
const wallSec = Number(process.hrtime.bigint() - started) / 1e9;
console.log(
  `nodes=${nodeCount} blocks=${blockCount} wall_s=${wallSec.toFixed(2)} deliveries=${deliveries} ` +
    `events_per_delivery=${(events / deliveries).toFixed(1)} events_per_s=${Math.round(events / wallSec)} ` +
    `deliveries_per_s=${Math.round(deliveries / wallSec)}`,
);
