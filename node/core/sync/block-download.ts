import { ANNOUNCED, HELD, REQUESTED, WAITING } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { BlockTree } from "../state/block-tree.ts";
import { parentOf } from "../state/fork-choice.ts";
import { type Message, makeBlockMessage } from "../state/messages.ts";
import type { Micros } from "../support/micros.ts";
import { aimAt, endAim, heldOnPath, leadsToTarget, letGo, positionOnPath } from "./download-aim.ts";
import { REQUEST_TIMEOUT_US, WINDOW_COUNT } from "./download-limits.ts";
import { ATTEMPT_COUNT_MAX, InFlight } from "./in-flight.ts";
import { canServe, leastBusyLink, nextLinkInTurn, whoServes } from "./link-choice.ts";
import { linkLoads } from "./link-loads.ts";
import { forgetKnowers } from "./link-masks.ts";
import { forgetPace, learnPace } from "./link-pace.ts";
import type { LinkIndex, NodePort } from "./node-port.ts";
import { askedAtUs, STALL_WAITING_COUNT, stallsAtUs } from "./stall.ts";
import { type BodyRequest, NO_LINKS, NOBODY, type ViewState } from "./view-state.ts";
import type { Wakes } from "./wakes.ts";

/**
 * Fetches for a view the bodies of blocks whose headers are known: at once when a block follows what the view holds, and in a
 * window over all peers that know them when the view is behind.
 */
export class BlockDownload {
  readonly #tree: BlockTree;
  readonly #port: NodePort;
  readonly #inFlight: InFlight;
  readonly #wakes: Wakes;

  constructor(tree: BlockTree, port: NodePort, wakes: Wakes) {
    this.#tree = tree;
    this.#port = port;
    this.#inFlight = new InFlight(tree.columns.viewCount);
    this.#wakes = wakes;
  }

  inFlightCount(state: ViewState): number {
    return this.#inFlight.count(state);
  }

  /**
   * The header of a block with at least the tip's work became known through `link`; its body was not asked for. Whether it was asked for
   * now, there, with `question`.
   */
  announced(
    state: ViewState,
    block: BlockEntry,
    link: LinkIndex,
    nowUs: Micros,
    question: Message = block.request,
  ): boolean {
    if (this.#status(state, parentOf(block)) === HELD && this.#inFlight.count(state) < WINDOW_COUNT) {
      if (state.path.length === 0 && block.chainWork > state.target.chainWork) state.target = block;
      this.#request(state, block, link, 0, nowUs, question);
      return true;
    }
    aimAt(state, block);
    this.fill(state, nowUs);
    return false;
  }

  /** Whether the link is the one that was asked last for this body, which has not come. */
  isAskedOf(state: ViewState, block: BlockEntry, link: LinkIndex): boolean {
    return this.#inFlight.find(state, block)?.link === link;
  }

  /** What came of a body that was asked for is of no use: asks the same peer for all of it. */
  fetchWhole(state: ViewState, block: BlockEntry, nowUs: Micros): void {
    const request = this.#inFlight.find(state, block);
    if (request === null) return;
    this.#inFlight.remove(state, block);
    this.#request(state, block, request.link, request.attempt + 1, nowUs);
  }

  /** Aims at a block that was announced some time ago. */
  resume(state: ViewState, block: BlockEntry, nowUs: Micros): void {
    aimAt(state, block);
    this.fill(state, nowUs);
  }

  /** Asks for a body that was held before; false if too much is under way. */
  refetch(state: ViewState, block: BlockEntry, link: LinkIndex, nowUs: Micros): boolean {
    if (this.#inFlight.count(state) >= WINDOW_COUNT) return false;
    this.#request(state, block, link, 0, nowUs);
    return true;
  }

  /** The body of a block with status REQUESTED came. */
  arrived(state: ViewState, block: BlockEntry, link: LinkIndex, nowUs: Micros): void {
    if (state.path.length > 0 || state.stalled.size > 0) {
      const request = this.#inFlight.find(state, block);
      if (request?.link === link) this.#learnFrom(state, request, nowUs);
    }
    this.#inFlight.remove(state, block);
    this.#wakes.answered(state);
  }

  #learnFrom(state: ViewState, request: BodyRequest, nowUs: Micros): void {
    if (nowUs < stallsAtUs(request)) state.stalled.delete(request.link);
    learnPace(state, request.link, nowUs - askedAtUs(request));
  }

  /**
   * A body is here before its parent's. It waits if it is on the way to the target, which it becomes itself if it is `better` than
   * what the view holds; any other is let go, or whoever sends bodies unasked would fill the window with them.
   */
  arrivedEarly(state: ViewState, block: BlockEntry, link: LinkIndex, better: boolean, nowUs: Micros): void {
    block.beliefs.status[state.view] = ANNOUNCED;
    if (better) aimAt(state, block);
    const position = positionOnPath(state, block);
    if (position !== -1 && state.waiting.size < WINDOW_COUNT) {
      block.beliefs.status[state.view] = WAITING;
      if (state.waiting === NOBODY) state.waiting = new Map();
      state.waiting.set(block, link);
    } else if (position !== -1) {
      state.nextOnPath = Math.min(state.nextOnPath, position);
    }
    this.fill(state, nowUs);
    this.#hurry(state, nowUs);
  }

  /** Ends the wait of a body, whose parent is held now; the link that brought it. */
  takeWaiting(state: ViewState, block: BlockEntry): LinkIndex | null {
    const link = state.waiting.get(block);
    state.waiting.delete(block);
    return link ?? null;
  }

  /** The peer does not hold what it was asked for. */
  notFound(state: ViewState, block: BlockEntry, link: LinkIndex, nowUs: Micros): void {
    for (const request of this.#inFlight.all(state))
      if (request.block === block && request.link === link) this.#askAnother(state, request, false, nowUs);
    this.fill(state, nowUs);
  }

  /** Asks others for what this link was to bring. */
  linkDown(state: ViewState, link: LinkIndex, nowUs: Micros): void {
    if (state.stalled.size > 0) state.stalled.delete(link);
    forgetPace(state, link);
    for (const request of this.#inFlight.all(state))
      if (request.link === link) this.#askAnother(state, request, false, nowUs);
    this.fill(state, nowUs);
  }

  /**
   * The link may have been cut until now: what was asked for in vain, and this peer has, may be asked for as often as if it was
   * for the first time. Its tries may all have gone into the cut, and nobody announces it again. What this peer was asked for is asked
   * again at once: ends of a cut are mended one after the other, and the first asks through what is still the other's cut.
   */
  heardAgain(state: ViewState, link: LinkIndex, nowUs: Micros): void {
    if (this.#inFlight.count(state) === 0) return;
    state.stalled.delete(link);
    this.#inFlight.countAnew(state, (block) => canServe(this.#tree, state, block, link));
    for (const { block, link: asked, attempt } of this.#inFlight.all(state)) {
      if (asked !== link || attempt + 1 >= ATTEMPT_COUNT_MAX) continue;
      this.#inFlight.remove(state, block);
      this.#request(state, block, link, attempt + 1, nowUs);
    }
  }

  wake(state: ViewState, nowUs: Micros): void {
    if (this.#inFlight.count(state) === 0) return;
    for (const request of this.#inFlight.all(state)) {
      if (request.deadlineUs > nowUs) continue;
      this.#setStalled(state, request.link);
      const link = this.#askAnother(state, request, true, nowUs);
      if (link !== null && link !== request.link) this.#notePassedOver(state, request.link, nowUs);
    }
    this.#hurry(state, nowUs);
    this.fill(state, nowUs);
    const firstUs = this.#inFlight.firstDeadlineUs(state);
    if (firstUs !== null) this.#wakes.atLatest(state.view, firstUs);
  }

  /** Whether an aim was given up since the last call: then a lesser one may be worth a try, that was passed over for it. */
  takeGivenUp(state: ViewState): boolean {
    if (!state.hasGivenUp) return false;
    state.hasGivenUp = false;
    return true;
  }

  /** The block breaks a rule, or an ancestor does: it is wanted no more, and what leads to it is no aim. */
  refused(state: ViewState, block: BlockEntry): void {
    this.#inFlight.remove(state, block);
    state.waiting.delete(block);
    if (leadsToTarget(state, block)) this.#dropAim(state);
  }

  /** Asks for missing bodies as far as window and peers allow. To be called whenever a body came. */
  fill(state: ViewState, nowUs: Micros): void {
    if (state.path.length > 0 && this.#status(state, state.target) === HELD) endAim(state);
    if (state.path.length === 0) {
      if (state.waiting.size > 0 && this.#inFlight.count(state) === 0) letGo(state, () => true);
      return;
    }
    if (state.nextOnPath < state.path.length) this.#askForNext(state, nowUs);
    // Nobody serves what comes next, and nothing will come that could change it.
    if (this.#inFlight.count(state) === 0) this.#giveUp(state, state.path[state.nextOnPath] ?? state.target);
  }

  #askForNext(state: ViewState, nowUs: Micros): void {
    // One request at least, or the bodies that wait could keep out the one that they wait for.
    const room = Math.max(1, WINDOW_COUNT - state.waiting.size) - this.#inFlight.count(state);
    if (room <= 0) return;
    const servers = whoServes(this.#tree, state, state.target);
    const { blockBytesMax } = this.#tree.parameters;
    const loads = linkLoads(state, this.#inFlight.all(state), servers, blockBytesMax);
    for (let asked = 0; asked < room && state.nextOnPath < state.path.length; state.nextOnPath++) {
      const block = state.path[state.nextOnPath] as BlockEntry;
      if (this.#status(state, block) !== ANNOUNCED) continue;
      const link = leastBusyLink(whoServes(this.#tree, state, block), loads);
      if (link === null) return;
      loads.busy[link] = (loads.busy[link] as number) + 1;
      loads.room[link] = (loads.room[link] as number) - 1;
      this.#request(state, block, link, 0, nowUs);
      asked++;
    }
  }

  /** When a full window waits for one body, and its peer is late with it, asks another peer, and prefers others from now on. */
  #hurry(state: ViewState, nowUs: Micros): void {
    if (state.waiting.size < STALL_WAITING_COUNT) return;
    const block = state.path[heldOnPath(state)];
    const request = block === undefined ? null : this.#inFlight.find(state, block);
    if (block === undefined || request === null) return;
    const atUs = stallsAtUs(request);
    if (nowUs < atUs) return void this.#wakes.atLatest(state.view, atUs);
    const link = nextLinkInTurn(whoServes(this.#tree, state, block), request.link, false);
    if (link === null || state.stalled.has(link)) return;
    this.#setStalled(state, request.link);
    this.#notePassedOver(state, request.link, nowUs);
    this.#askAnother(state, request, false, nowUs);
  }

  #notePassedOver(state: ViewState, link: LinkIndex, nowUs: Micros): void {
    this.#port.noticed(state.view, { kind: "peer-passed-over", link }, nowUs);
  }

  #setStalled(state: ViewState, link: LinkIndex): void {
    if (state.stalled === NO_LINKS) state.stalled = new Set();
    state.stalled.add(link);
  }

  #status(state: ViewState, block: BlockEntry): number {
    return block.beliefs.status[state.view] as number;
  }

  /** Nobody serves this block on the way to the target, so nobody is believed to know it or what follows until it is announced again. */
  #giveUp(state: ViewState, block: BlockEntry): void {
    const position = positionOnPath(state, block);
    if (position === -1) forgetKnowers(this.#tree, block, state.view);
    else for (const each of state.path.slice(position)) forgetKnowers(this.#tree, each, state.view);
    this.#dropAim(state);
  }

  #dropAim(state: ViewState): void {
    state.hasGivenUp = true;
    endAim(state);
    state.target = this.#tree.genesis;
    // What is still under way may bring the aim back, and then those that wait are of use.
    if (this.#inFlight.count(state) === 0) letGo(state, () => true);
  }

  #request(
    state: ViewState,
    block: BlockEntry,
    link: LinkIndex,
    attempt: number,
    nowUs: Micros,
    question: Message = block.request,
  ): void {
    block.beliefs.status[state.view] = REQUESTED;
    const deadlineUs = nowUs + REQUEST_TIMEOUT_US;
    this.#inFlight.add(state, block, link, attempt, deadlineUs);
    this.#port.send(state.view, link, attempt === 0 ? question : makeBlockMessage("request", block, attempt));
    this.#wakes.atLatest(state.view, deadlineUs);
  }

  /** The next link after the one that failed, which is given; when there is none, or none helped, the block waits for an announcement. */
  #askAnother(
    state: ViewState,
    { block, link: failed, attempt }: BodyRequest,
    mayRepeat: boolean,
    nowUs: Micros,
  ): LinkIndex | null {
    this.#inFlight.remove(state, block);
    const link =
      attempt + 1 < ATTEMPT_COUNT_MAX
        ? nextLinkInTurn(whoServes(this.#tree, state, block), failed, mayRepeat)
        : null;
    if (link !== null) {
      this.#request(state, block, link, attempt + 1, nowUs);
      return link;
    }
    block.beliefs.status[state.view] = ANNOUNCED;
    if (leadsToTarget(state, block)) this.#giveUp(state, block);
    return null;
  }
}
