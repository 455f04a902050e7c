import { ANNOUNCED, HELD, REQUESTED, WAITING } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { parentOf } from "../state/fork-choice.ts";
import { makeBlockMessage } from "../state/messages.ts";
import type { Micros } from "../support/micros.ts";
import { ATTEMPT_COUNT_MAX, type BodyRequest, InFlight } from "./in-flight.ts";
import { type LinkCandidates, leastBusyLink, nextLinkInTurn } from "./link-choice.ts";
import { forgetKnowers, isKnown, isUp } from "./link-masks.ts";
import type { LinkIndex, NodePort } from "./node-port.ts";

/**
 * How long a body may take before another peer is asked; a body that comes later is still taken. Long against
 * a slow link (500 kB at 1 Mbit/s take 4 s), short against what a user of a stalled node would bear.
 */
export const REQUEST_TIMEOUT_US: Micros = 10_000_000;

/**
 * Bodies asked for or waiting for an ancestor while a view catches up; of those that come unasked as many may wait. With the largest
 * blocks this bounds what a view keeps unconnected.
 */
export const WINDOW_COUNT = 128;

/**
 * Fetches the bodies of blocks whose headers are known: at once when a block follows what the view holds, and in a
 * window over all peers that know them when the view is behind.
 */
export class BlockDownload {
  readonly #tree: BlockTree;
  readonly #view: number;
  readonly #port: NodePort;
  readonly #inFlight = new InFlight();
  /** Height ascending, without gaps: what the view lacked on the way to `#target` when it aimed there. Empty: it is not behind. */
  #path: BlockEntry[] = NOTHING;
  /** Of `#path`: nothing below it is still to be asked for. */
  #next = 0;
  #target: BlockEntry;
  #hasGivenUp = false;
  #wakeAtUs: Micros = Number.POSITIVE_INFINITY;
  /** Bodies that wait for an ancestor, and the links that brought them. All are on `#path`, or were when it was given up. */
  #waiting: Map<BlockEntry, LinkIndex> = NOBODY;
  /** Links that let a request run out of time and have brought nothing since: asked when nobody else can help. */
  #stalled: Set<LinkIndex> = NO_LINKS;

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

  /** Bodies that wait for an ancestor. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** The header of a block with at least the tip's work became known through `link`; its body was not asked for. */
  announced(block: BlockEntry, link: LinkIndex, nowUs: Micros): void {
    if (this.#status(parentOf(block)) === HELD && this.#inFlight.count < WINDOW_COUNT) {
      if (this.#path.length === 0 && block.chainWork > this.#target.chainWork) this.#target = block;
      this.#request(block, link, 0, nowUs);
    } else {
      this.#aimAt(block);
      this.fill(nowUs);
    }
  }

  /** Aims at a block that was announced some time ago. */
  resume(block: BlockEntry, nowUs: Micros): void {
    this.#aimAt(block);
    this.fill(nowUs);
  }

  /** The body of a block with status REQUESTED came. */
  arrived(block: BlockEntry, link: LinkIndex): void {
    this.#inFlight.remove(block);
    if (this.#stalled.size > 0) this.#stalled.delete(link);
    if (this.#inFlight.count === 0) this.#wakeAt(Number.POSITIVE_INFINITY);
  }

  /**
   * A body is here before its parent's. It waits if it is on the way to the target, which it becomes itself if it is `better` than
   * what the view holds; any other is let go, or whoever sends bodies unasked would fill the window with them.
   */
  arrivedEarly(block: BlockEntry, link: LinkIndex, better: boolean, nowUs: Micros): void {
    block.beliefs.status[this.#view] = ANNOUNCED;
    if (better) this.#aimAt(block);
    const position = this.#positionOf(block);
    if (position !== -1 && this.#waiting.size < WINDOW_COUNT) {
      block.beliefs.status[this.#view] = WAITING;
      if (this.#waiting === NOBODY) this.#waiting = new Map();
      this.#waiting.set(block, link);
    } else if (position !== -1) {
      this.#next = Math.min(this.#next, position);
    }
    this.fill(nowUs);
  }

  /** Ends the wait of a body, whose parent is held now; the link that brought it. */
  takeWaiting(block: BlockEntry): LinkIndex | null {
    const link = this.#waiting.get(block);
    this.#waiting.delete(block);
    return link ?? null;
  }

  /** The peer does not hold what it was asked for. */
  notFound(block: BlockEntry, link: LinkIndex, nowUs: Micros): void {
    for (const request of this.#inFlight.all())
      if (request.block === block && request.link === link) this.#askAnother(request, false, nowUs);
    this.fill(nowUs);
  }

  /** Asks others for what this link was to bring. */
  linkDown(link: LinkIndex, nowUs: Micros): void {
    if (this.#stalled.size > 0) this.#stalled.delete(link);
    for (const request of this.#inFlight.all())
      if (request.link === link) this.#askAnother(request, false, nowUs);
    this.fill(nowUs);
  }

  wake(nowUs: Micros): void {
    this.#wakeAtUs = Number.POSITIVE_INFINITY;
    if (this.#inFlight.count === 0) return;
    for (const request of this.#inFlight.all()) {
      if (request.deadlineUs > nowUs) continue;
      if (this.#stalled === NO_LINKS) this.#stalled = new Set();
      this.#stalled.add(request.link);
      this.#askAnother(request, true, nowUs);
    }
    this.fill(nowUs);
    this.#armWake();
  }

  /** Whether an aim was given up since the last call: then a lesser one may be worth a try, that was passed over for it. */
  takeGivenUp(): boolean {
    const hasGivenUp = this.#hasGivenUp;
    this.#hasGivenUp = false;
    return hasGivenUp;
  }

  /** The block breaks a rule, or an ancestor does: it is wanted no more, and what leads to it is no aim. */
  refused(block: BlockEntry): void {
    this.#inFlight.remove(block);
    this.#waiting.delete(block);
    if (this.#leadsToTarget(block)) this.#dropAim();
  }

  /** Asks for missing bodies as far as window and peers allow. To be called whenever a body came. */
  fill(nowUs: Micros): void {
    if (this.#path.length > 0 && this.#status(this.#target) === HELD) this.#endAim();
    if (this.#path.length === 0) {
      if (this.#waiting.size > 0 && this.#inFlight.count === 0) this.#release(() => true);
      return;
    }
    if (this.#next < this.#path.length) this.#askForNext(nowUs);
    // Nobody serves what comes next, and nothing will come that could change it.
    if (this.#inFlight.count === 0) this.#giveUp(this.#path[this.#next] ?? this.#target);
  }

  #askForNext(nowUs: Micros): void {
    // One request at least, or the bodies that wait could keep out the one that they wait for.
    const room = Math.max(1, WINDOW_COUNT - this.#waiting.size) - this.#inFlight.count;
    const busy = this.#busyByLink();
    for (let asked = 0; asked < room && this.#next < this.#path.length; this.#next++) {
      const block = this.#path[this.#next] as BlockEntry;
      if (this.#status(block) !== ANNOUNCED) continue;
      const link = leastBusyLink(this.#candidates(block), busy);
      if (link === null) return;
      busy[link] = (busy[link] as number) + 1;
      this.#request(block, link, 0, nowUs);
      asked++;
    }
  }

  #status(block: BlockEntry): number {
    return block.beliefs.status[this.#view] as number;
  }

  /** Where the block is on the path; -1 if it is not. */
  #positionOf(block: BlockEntry): number {
    const first = this.#path[0];
    if (first === undefined) return -1;
    const position = block.header.height - first.header.height;
    return this.#path[position] === block ? position : -1;
  }

  #leadsToTarget(block: BlockEntry): boolean {
    return block === this.#target || this.#positionOf(block) !== -1;
  }

  /** Nobody serves this block on the way to the target, so nobody is believed to know it or what follows until it is announced again. */
  #giveUp(block: BlockEntry): void {
    const position = this.#positionOf(block);
    if (position === -1) forgetKnowers(this.#tree, block, this.#view);
    else for (const each of this.#path.slice(position)) forgetKnowers(this.#tree, each, this.#view);
    this.#dropAim();
  }

  #dropAim(): void {
    this.#hasGivenUp = true;
    this.#endAim();
    this.#target = this.#tree.genesis;
    // What is still under way may bring the aim back, and then those that wait are of use.
    if (this.#inFlight.count === 0) this.#release(() => true);
  }

  #endAim(): void {
    this.#path = NOTHING;
    this.#next = 0;
  }

  /** Lets bodies go that wait for nothing any more: they are fetched again if they should be wanted again. */
  #release(isUseless: (block: BlockEntry) => boolean): void {
    for (const block of this.#waiting.keys()) {
      if (!isUseless(block)) continue;
      this.#waiting.delete(block);
      block.beliefs.status[this.#view] = ANNOUNCED;
    }
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
    const isAiming = this.#path.length > 0 && this.#status(this.#target) !== HELD;
    if (isAiming && block.chainWork <= this.#target.chainWork) return;
    const follows = isAiming && block.parent === this.#target;
    this.#target = block;
    if (follows) return void this.#path.push(block);
    const path: BlockEntry[] = [];
    for (let at = block; this.#status(at) !== HELD; at = parentOf(at)) path.push(at);
    this.#path = path.reverse();
    this.#next = 0;
    if (this.#waiting.size > 0) this.#release((each) => this.#positionOf(each) === -1);
  }

  #busyByLink(): Uint16Array {
    const busy = new Uint16Array(this.#tree.columns.maskWords * 32);
    for (const { link } of this.#inFlight.all()) busy[link] = (busy[link] as number) + 1;
    return busy;
  }

  #candidates(block: BlockEntry): LinkCandidates {
    return {
      linkCount: this.#tree.columns.maskWords * 32,
      stalled: this.#stalled,
      canServe: (link) => this.#canServe(block, link),
    };
  }

  /** Whoever knows a block knows those below it. */
  #canServe(block: BlockEntry, link: LinkIndex): boolean {
    if (!isUp(this.#tree, this.#view, link)) return false;
    if (isKnown(this.#tree, block, this.#view, link)) return true;
    return this.#positionOf(block) !== -1 && isKnown(this.#tree, this.#target, this.#view, link);
  }

  /** The next link after the one that failed; when there is none, or none helped, the block waits for an announcement. */
  #askAnother({ block, link: failed, attempt }: BodyRequest, mayRepeat: boolean, nowUs: Micros): void {
    this.#inFlight.remove(block);
    const link =
      attempt + 1 < ATTEMPT_COUNT_MAX ? nextLinkInTurn(this.#candidates(block), failed, mayRepeat) : null;
    if (link !== null) {
      this.#request(block, link, attempt + 1, nowUs);
      return;
    }
    block.beliefs.status[this.#view] = ANNOUNCED;
    if (this.#leadsToTarget(block)) this.#giveUp(block);
  }
}

/** Shared, so that ten thousand idle views own no collections; replaced, never filled. */
const NOTHING: BlockEntry[] = [];
const NOBODY = new Map<BlockEntry, LinkIndex>();
const NO_LINKS = new Set<LinkIndex>();
