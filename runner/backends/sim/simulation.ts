import type { TransactionFacts } from "../../../node/core/chain/transaction-facts.ts";
import { Protocol } from "../../../node/core/machine/protocol.ts";
import type { ChainParameters } from "../../../node/core/rules/parameters.ts";
import type { Violation } from "../../../node/core/rules/violation.ts";
import { BlockTree, type TreeFunctions } from "../../../node/core/state/block-tree.ts";
import type { Message } from "../../../node/core/state/messages.ts";
import { invariant } from "../../../node/core/support/invariant.ts";
import type { Micros } from "../../../node/core/support/micros.ts";
import { Host } from "../../../node/host/host.ts";
import { HostPort, type HostPorts } from "../../../node/host/host-port.ts";
import { restoreChain } from "../../../node/host/restore-chain.ts";
import type { LatencyModel } from "../../../node/link/latency.ts";
import type { ChainStore } from "../../../node/ports/chain-store.ts";
import type { Telemetry } from "../../../node/ports/telemetry.ts";
import type { RunPlan } from "../../plan.ts";
import { AnnouncementRounds } from "./announcement-rounds.ts";
import { DELIVER, FIND, unpackIncarnation, unpackLink, WAKE } from "./event-kinds.ts";
import { EventQueue } from "./event-queue.ts";
import { SimAlarm } from "./sim-alarm.ts";
import { SimLinks } from "./sim-links.ts";
import { SimMiner } from "./sim-miner.ts";
import type { SimStore } from "./sim-store.ts";
import { SimTransport } from "./sim-transport.ts";

/** What a simulation needs of a plan. */
export type SimulatedNetwork = Pick<
  RunPlan,
  "seed" | "nodes" | "edges" | "uplinkBitsPerSec" | "lossRatio" | "blockPaddingBytes" | "relay"
>;

export interface SimulationParts {
  readonly chain: ChainParameters;
  readonly functions: TreeFunctions;
  readonly telemetry: Telemetry;
  readonly store: ChainStore;
  readonly minerAccounts: readonly string[];
  readonly mempoolBytesMax: number;
  /** Slower, with the same history: what the faster way is checked against. */
  readonly everyAnnouncementAnEvent?: boolean;
}

/** Messages to a node that stands still, until it goes on; beyond it a real node's sockets would be full as well. */
const DEFERRED_COUNT_MAX = 100_000;

/**
 * A network in virtual time: the hosts of all nodes over one block tree, behind simulated ports. Time 0 is the start of the run. A step
 * of the loop takes one event; the order of events is total, so one seed has one history.
 */
export class Simulation {
  readonly queue = new EventQueue<Message>();
  readonly tree: BlockTree;
  readonly links: SimLinks;
  readonly transport: SimTransport;
  readonly miner: SimMiner;
  readonly hosts: Host[];
  eventCount = 0;
  readonly #rounds: AnnouncementRounds;
  readonly #alarm: SimAlarm;
  readonly #ports: HostPorts;
  readonly #protocol: Protocol;
  readonly #parts: SimulationParts;
  /** By node that stands still: what has come for it, in order. */
  readonly #deferred = new Map<number, DeferredEvent[]>();

  constructor(network: SimulatedNetwork, parts: SimulationParts) {
    const { nodes, edges, seed } = network;
    this.#parts = parts;
    this.links = new SimLinks(nodes.length, edges, network);
    this.transport = new SimTransport(this.queue, nodes.length, this.links, network);
    const { linkCountMax } = this.links;
    this.tree = new BlockTree(parts.chain, { viewCount: nodes.length, linkCountMax }, parts.functions);
    this.#alarm = new SimAlarm(this.queue, nodes.length);
    const hashRates = nodes.map((node) => node.hashesPerSec);
    this.miner = new SimMiner(this.queue, this.tree, seed, hashRates);
    const { transport, miner } = this;
    const { store, telemetry } = parts;
    this.#ports = { transport, alarm: this.#alarm, store, miner, telemetry };
    const settings = { relay: network.relay, mempoolBytesMax: parts.mempoolBytesMax };
    this.#protocol = new Protocol(this.tree, new HostPort(this.#ports), settings);
    this.hosts = nodes.map(({ index }) => this.#makeHost(index));
    for (const host of this.hosts)
      for (let link = 0; link < this.links.linkCount(host.view); link++) host.linkUp(link, this.nowUs);
    for (const host of this.hosts) host.start();
    this.#rounds = new AnnouncementRounds(this.queue, this.tree, this.links, transport.incarnation);
    transport.rounds = this.#rounds;
    this.#chooseAnnouncements();
  }

  get nowUs(): Micros {
    return this.queue.nowUs;
  }

  /** Runs every event that is due at or before `limitUs`; the time is `limitUs` afterwards. */
  runUntil(limitUs: Micros): void {
    this.runSome(limitUs, Number.POSITIVE_INFINITY);
  }

  /** The same, after `countMax` events at the latest; whether it got to the limit. */
  runSome(limitUs: Micros, countMax: number): boolean {
    const { queue } = this;
    for (let count = 0; count < countMax; count++) {
      const slot = queue.take(limitUs);
      if (slot === -1) {
        queue.nowUs = Math.max(queue.nowUs, limitUs);
        queue.nowSequence = Number.POSITIVE_INFINITY;
        return true;
      }
      this.eventCount++;
      this.#takeEvent(slot);
    }
    return false;
  }

  host(node: number): Host {
    return this.hosts[node] as Host;
  }

  isPaused(node: number): boolean {
    return this.#deferred.has(node);
  }

  /** The process is gone: what it believed is lost, what it stored is not. Its peers notice at once, as of a reset connection. */
  crash(node: number): void {
    this.#endNotes();
    const { transport, tree } = this;
    transport.up[node] = 0;
    transport.incarnation[node] = (transport.incarnation[node] as number) + 1;
    if (this.#deferred.delete(node)) this.#chooseAnnouncements();
    this.#alarm.forget(node);
    this.miner.setStopped(node, true);
    tree.forgetView(node);
    for (const [peer, link] of this.#peerEnds(node))
      if (transport.up[peer] === 1) this.host(peer).linkDown(link, this.nowUs);
  }

  /** A new process on the blocks that the old one stored. */
  restart(node: number, store: SimStore): void {
    const { transport } = this;
    const host = this.#makeHost(node);
    this.hosts[node] = host;
    const { broken } = restoreChain(host.machine, store.found(node), this.nowUs, { kept: store.kept(node) });
    invariant(broken === null, `stored block ${broken?.hash} is not valid`);
    transport.up[node] = 1;
    for (const [peer, peerLink, link] of this.#peerEnds(node)) {
      if (transport.up[peer] === 0) continue;
      host.linkUp(link, this.nowUs);
      this.host(peer).linkUp(peerLink, this.nowUs);
    }
    host.start();
    this.miner.setStopped(node, false);
  }

  /** The process stands still; messages to it wait in the sockets. */
  pause(node: number): void {
    if (this.#deferred.has(node)) return;
    this.#endNotes();
    this.#deferred.set(node, []);
    this.#chooseAnnouncements();
    this.miner.setStopped(node, true);
  }

  resume(node: number): void {
    const deferred = this.#deferred.get(node);
    if (deferred === undefined) return;
    this.#deferred.delete(node);
    this.#chooseAnnouncements();
    this.miner.setStopped(node, false);
    for (const { kind, detail, message } of deferred)
      this.queue.schedule(this.nowUs, kind, node, detail, message);
  }

  /** Cuts or mends the direction from `source` to `target`; true when a link joins them. A mended link is new to its sender. */
  setCut(source: number, target: number, cut: boolean): boolean {
    const direction = this.links.directionOf(source, target);
    if (direction === -1) return false;
    this.#endNotes();
    const wasCut = this.links.isCut(direction);
    this.links.setCut(direction, cut);
    // A peer that is down has no link to mend; it makes new ones when it restarts.
    if (wasCut && !cut && this.transport.up[source] === 1 && this.transport.up[target] === 1)
      this.host(source).linkUp(this.links.peerLink(direction), this.nowUs);
    return true;
  }

  setLatency(direction: number, latency: LatencyModel): void {
    this.#endRound(direction);
    this.links.setLatency(direction, latency);
  }

  setLoss(direction: number, ratio: number): void {
    this.#endRound(direction);
    this.links.setLossRatio(direction, ratio);
  }

  /** A user hands a transaction to a node. */
  submit(node: number, facts: TransactionFacts): Violation | null {
    return this.host(node).submit(facts, this.nowUs);
  }

  #takeEvent(slot: number): void {
    const { queue } = this;
    const node = queue.node(slot);
    const kind = queue.kind(slot);
    const detail = queue.detail(slot);
    const message = queue.payload[slot] ?? null;
    const noted = this.#rounds.noted[node] === 1;
    if (noted) this.#rounds.deliverBefore(node, queue.nowUs, queue.sequence(slot));
    this.#dispatch(kind, node, detail, message);
    if (noted) this.#rounds.review(node);
    if (this.transport.ended.length > 0) this.#endLinks();
  }

  #dispatch(kind: number, node: number, detail: number, message: Message | null): void {
    if (this.#deferred.size > 0 && this.#defer(kind, node, detail, message)) return;
    const { nowUs } = this.queue;
    switch (kind) {
      case DELIVER:
        this.#deliver(node, detail, message as Message, nowUs);
        return;
      case WAKE:
        if (this.#alarm.isDue(node, nowUs)) this.#protocol.wake(node, nowUs);
        return;
      case FIND:
        if (this.miner.isDue(node, detail)) this.#find(node, nowUs);
        return;
      default:
        invariant(false, `event of kind ${kind}`);
    }
  }

  /** A message has come to a node. */
  #deliver(node: number, detail: number, message: Message, nowUs: Micros): void {
    if (unpackIncarnation(detail) !== this.transport.incarnation[node]) return;
    const link = unpackLink(detail);
    if (this.links.cutCount > 0 && this.links.isCut((this.links.firstEnd[node] as number) + link)) return;
    this.#protocol.onMessage(node, link, message, nowUs);
  }

  #find(node: number, nowUs: Micros): void {
    const host = this.host(node);
    const violation = host.sealed(host.template(nowUs), this.miner.drawNonce(node), nowUs);
    invariant(violation === null, `node ${node} made an invalid block: ${violation?.code}`);
  }

  /** Keeps an event of a node that stands still; finds are void by then, because a stopped miner has a new generation. */
  #defer(kind: number, node: number, detail: number, message: Message | null): boolean {
    const deferred = this.#deferred.get(node);
    if (deferred === undefined || kind === FIND) return false;
    // A lost alarm would never be set again.
    if (kind === WAKE || deferred.length < DEFERRED_COUNT_MAX) deferred.push({ kind, detail, message });
    return true;
  }

  #endLinks(): void {
    this.#endNotes();
    for (const { view, link } of this.transport.ended.splice(0)) {
      const { peer, peerLink } = this.links.peerOf(view, link);
      this.host(view).linkDown(link, this.nowUs);
      this.host(peer).linkDown(peerLink, this.nowUs);
    }
  }

  /** Before anything that happens to a node from outside the loop. */
  #endNotes(): void {
    this.#rounds.endAll();
  }

  /** Before the conditions of a direction change. */
  #endRound(direction: number): void {
    this.#endNotes();
    this.#rounds.endRoundOf(this.links.peer(direction));
  }

  /** Messages to a node that stands still wait for it one by one. */
  #chooseAnnouncements(): void {
    this.transport.isEveryAnnouncementAnEvent =
      this.#deferred.size > 0 || this.#parts.everyAnnouncementAnEvent === true;
  }

  /** Of each link of a node: the peer, the link's number there, and here. */
  *#peerEnds(node: number): Generator<readonly [number, number, number]> {
    for (let link = 0; link < this.links.linkCount(node); link++) {
      const { peer, peerLink } = this.links.peerOf(node, link);
      yield [peer, peerLink, link];
    }
  }

  #makeHost(node: number): Host {
    return new Host(this.#protocol, this.#ports, {
      view: node,
      minerAccount: this.#parts.minerAccounts[node] as string,
    });
  }
}

interface DeferredEvent {
  readonly kind: number;
  readonly detail: number;
  readonly message: Message | null;
}
