import { ANNOUNCED, HELD, REQUESTED } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { parentOf } from "../state/fork-choice.ts";
import { makeBlockMessage } from "../state/messages.ts";
import type { Micros } from "../support/micros.ts";
import { type BodyRequest, InFlight } from "./in-flight.ts";
import { isKnown, isUp } from "./link-masks.ts";
import type { LinkIndex, NodePort } from "./node-port.ts";

/**
 * How long a body may take before another peer is asked; a body that comes later is still taken. Long against
 * a slow link (500 kB at 1 Mbit/s take 4 s), short against what a user of a stalled node would bear.
 */
export const REQUEST_TIMEOUT_US: Micros = 10_000_000;

/** Bodies asked for or waiting for an ancestor, at most: with the largest blocks this bounds what a view keeps unconnected. */
export const WINDOW_COUNT = 128;

/** Of the window, at most this many of one peer, so that a slow one holds up little. Source: Bitcoin Core, MAX_BLOCKS_IN_TRANSIT_PER_PEER. */
export const IN_FLIGHT_PER_LINK_MAX = 16;

/** Requests for one body before it is given up until somebody announces it again. */
export const ATTEMPT_COUNT_MAX = 8;

/**
 * Fetches the bodies of blocks whose headers are known: at once when a block follows what the view holds, and in a
 * window over all peers that know them when the view is behind.
 */
export class BlockDownload {
  readonly #tree: BlockTree;
  readonly #view: number;
  readonly #port: NodePort;
  readonly #inFlight = new InFlight();
  /** Height ascending: announced blocks on the way to `#target` that were not asked for yet, from `#next` on. */
  #missing: BlockEntry[] = NOTHING;
  #next = 0;
  #target: BlockEntry;
  #wakeAtUs: Micros = Number.POSITIVE_INFINITY;
  /** Bodies that wait for an ancestor. */
  waitingCount = 0;

  constructor(tree: BlockTree, view: number, port: NodePort) {
    this.#tree = tree;
    this.#view = view;
    this.#port = port;
    this.#target = tree.genesis;
  }

  /** The most-work block whose header this view knows, or one it already holds. */
  get target(): BlockEntry {
    return this.#target;
  }

  get inFlightCount(): number {
    return this.#inFlight.count;
  }

  /** The header of a block with at least the tip's work became known through `link`. */
  announced(block: BlockEntry, link: LinkIndex, nowUs: Micros): void {
    if (this.#status(parentOf(block)) === HELD) {
      if (block.chainWork > this.#target.chainWork) this.#target = block;
      this.#request(block, link, 0, nowUs);
    } else {
      this.#aimAt(block);
      this.fill(nowUs);
    }
  }

  /** The body of a block with status REQUESTED came. */
  arrived(block: BlockEntry): void {
    this.#inFlight.remove(block);
  }

  /** The peer does not hold what it was asked for. */
  notFound(block: BlockEntry, link: LinkIndex, nowUs: Micros): void {
    for (const request of this.#inFlight.all())
      if (request.block === block && request.link === link) this.#askAnother(request, nowUs);
  }

  /** Asks others for what this link was to bring. */
  linkDown(link: LinkIndex, nowUs: Micros): void {
    for (const request of this.#inFlight.all()) if (request.link === link) this.#askAnother(request, nowUs);
  }

  wake(nowUs: Micros): void {
    this.#wakeAtUs = Number.POSITIVE_INFINITY;
    if (this.#inFlight.count === 0) return;
    for (const request of this.#inFlight.all())
      if (request.deadlineUs <= nowUs) this.#askAnother(request, nowUs);
    this.fill(nowUs);
    this.#armWake();
  }

  /** Forgets what was aimed at: it broke a rule, or nobody serves it. The next announcement sets a new aim. */
  giveUp(): void {
    this.#missing = NOTHING;
    this.#next = 0;
    this.#target = this.#tree.genesis;
  }

  /** Asks for missing bodies as far as window and peers allow. */
  fill(nowUs: Micros): void {
    if (this.#missing.length === 0) return;
    const room = WINDOW_COUNT - this.#inFlight.count - this.waitingCount;
    const busy = this.#busyByLink();
    for (let asked = 0; asked < room && this.#next < this.#missing.length; this.#next++) {
      const block = this.#missing[this.#next] as BlockEntry;
      if (this.#status(block) !== ANNOUNCED) continue;
      const link = this.#leastBusy(block, busy);
      if (link === null) return;
      busy[link] = (busy[link] as number) + 1;
      this.#request(block, link, 0, nowUs);
      asked++;
    }
    if (this.#next < this.#missing.length) return;
    this.#missing = NOTHING;
    this.#next = 0;
  }

  #status(block: BlockEntry): number {
    return block.beliefs.status[this.#view] as number;
  }

  #request(block: BlockEntry, link: LinkIndex, attempt: number, nowUs: Micros): void {
    block.beliefs.status[this.#view] = REQUESTED;
    const deadlineUs = nowUs + REQUEST_TIMEOUT_US;
    this.#inFlight.add(block, link, attempt, deadlineUs);
    this.#port.send(link, attempt === 0 ? block.request : makeBlockMessage("request", block, attempt));
    // A wake that comes too early finds nothing late, and arms the next.
    if (this.#wakeAtUs > deadlineUs) this.#wakeAt(deadlineUs);
  }

  #armWake(): void {
    const firstUs = this.#inFlight.firstDeadlineUs;
    if (firstUs !== null && this.#wakeAtUs > firstUs) this.#wakeAt(firstUs);
  }

  #wakeAt(atUs: Micros): void {
    this.#wakeAtUs = atUs;
    this.#port.wakeAt(atUs);
  }

  #aimAt(block: BlockEntry): void {
    if (block.chainWork <= this.#target.chainWork && this.#missing.length > 0) return;
    if (this.#missing.length > 0 && block.parent === this.#target) {
      this.#missing.push(block);
    } else {
      const path: BlockEntry[] = [];
      for (let at = block; this.#status(at) !== HELD; at = parentOf(at)) path.push(at);
      this.#missing = path.reverse();
      this.#next = 0;
    }
    this.#target = block;
  }

  #busyByLink(): Uint16Array {
    const busy = new Uint16Array(this.#tree.columns.maskWords * 32);
    for (const { link } of this.#inFlight.all()) busy[link] = (busy[link] as number) + 1;
    return busy;
  }

  /** The link with the fewest requests under way among those that know the block, or what it leads to. */
  #leastBusy(block: BlockEntry, busy: Uint16Array): LinkIndex | null {
    let best: LinkIndex | null = null;
    let bestCount = IN_FLIGHT_PER_LINK_MAX;
    for (let link = 0; link < busy.length; link++) {
      const count = busy[link] as number;
      if (count >= bestCount || !this.#canServe(block, link)) continue;
      best = link;
      bestCount = count;
    }
    return best;
  }

  #canServe(block: BlockEntry, link: LinkIndex): boolean {
    if (!isUp(this.#tree, this.#view, link)) return false;
    if (isKnown(this.#tree, block, this.#view, link)) return true;
    return this.#missing.length > 0 && isKnown(this.#tree, this.#target, this.#view, link);
  }

  /** The next link after the one that failed; when there is none, or none helped, the block waits for an announcement. */
  #askAnother({ block, link: failed, attempt }: BodyRequest, nowUs: Micros): void {
    this.#inFlight.remove(block);
    const linkCount = this.#tree.columns.maskWords * 32;
    for (let step = 1; step <= linkCount && attempt + 1 < ATTEMPT_COUNT_MAX; step++) {
      const link = (failed + step) % linkCount;
      if (!this.#canServe(block, link)) continue;
      this.#request(block, link, attempt + 1, nowUs);
      return;
    }
    block.beliefs.status[this.#view] = ANNOUNCED;
    this.giveUp();
  }
}

/** Shared, so that ten thousand idle views own no list each; replaced, never filled. */
const NOTHING: BlockEntry[] = [];
