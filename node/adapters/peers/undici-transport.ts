import type { Message } from "../../core/state/messages.ts";
import type { LinkIndex } from "../../core/sync/node-port.ts";
import type { LinkConditions, LinkConditionsPatch } from "../../link/link-conditions.ts";
import type { VerifyLater } from "../../ports/crypto.ts";
import type { LinkControl } from "../../ports/link-control.ts";
import type {
  AddPeerOutcome,
  BanView,
  BatchEntry,
  BatchOutcome,
  HelloOutcome,
  LinkMeasure,
  LinkMeasured,
  PeerDirectory,
  PeerInbox,
  PeerView,
  ProbeOutcome,
} from "../../ports/peer-directory.ts";
import type { Transport } from "../../ports/transport.ts";
import { BatchIntake, type TransportHost } from "./batch-intake.ts";
import { LinkLife, type LinkLifeSettings } from "./link-life.ts";
import { measureLink, NOT_SENT } from "./measure-link.ts";
import { MessageEncoder } from "./outgoing.ts";
import { PeerClient } from "./peer-client.ts";
import type { PeerLink } from "./peer-link.ts";
import type { PeerTable } from "./peer-table.ts";
import { viewAll, viewOf, viewOfAddress } from "./peer-views.ts";
import { Probes } from "./probes.ts";
import { Shaping } from "./shaping.ts";

export interface TransportSettings extends LinkLifeSettings {
  readonly conditions: LinkConditions;
  readonly batchBytesMax: number;
  readonly verifyLater: VerifyLater;
}

/**
 * Batches of one peer that are read or taken in at once, at most. An honest one sends one at a time; one more may be on its way from before it
 * greeted anew. With `batchBytesMax` this bounds what a peer makes a node keep.
 */
const OPEN_BATCHES_MAX = 2;

const UNKNOWN_SESSION = { ok: false, code: "unknown-session", reason: "say hello first" } as const;

/** Links with other nodes over HTTP. Both ends post their messages to each other, in batches, one request at a time for each direction. */
export class UndiciTransport implements Transport, PeerDirectory, LinkControl, PeerInbox {
  readonly batchBytesMax: number;
  /** Since the start of the node, over all links. */
  sentMessages = 0;
  sentBytes = 0;
  readonly #settings: TransportSettings;
  readonly #shaping: Shaping;
  readonly #encoder: MessageEncoder;
  readonly #probes: Probes;
  readonly #intake: BatchIntake;
  readonly #life: LinkLife;
  readonly #peers: PeerTable;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
    this.batchBytesMax = settings.batchBytesMax;
    this.#encoder = new MessageEncoder((block) => settings.tree.bodyOf(block));
    this.#shaping = new Shaping(settings.name, settings.conditions);
    this.#probes = new Probes(settings.nowUs);
    this.#intake = new BatchIntake(settings.tree, this.#probes, settings.nowUs, settings.verifyLater);
    this.#life = new LinkLife(settings, this.#shaping);
    this.#peers = this.#life.peers;
  }

  /** From now on peers can be reached, and reach this node at `url`. */
  start(host: TransportHost, url: string): void {
    this.#life.start(host, url);
  }

  // Transport.

  send(_view: number, link: LinkIndex, message: Message): void {
    const peer = this.#peers.upAt(link);
    if (peer === null) return;
    const item = this.#encoder.outgoing(message, this.#shaping.conditions.blockPaddingBytes);
    this.sentMessages += 1;
    this.sentBytes += item.sizeBytes;
    peer.sender.send(item);
  }

  sendToMany(view: number, firstLink: LinkIndex, linkBits: number, message: Message): void {
    for (let bits = linkBits; bits !== 0; bits &= bits - 1)
      this.send(view, firstLink + 31 - Math.clz32(bits & -bits), message);
  }

  disconnect(_view: number, link: LinkIndex, reason: string): void {
    const peer = this.#peers.upAt(link);
    if (peer === null) return;
    this.#life.ban(peer, { code: reason, reason: `broke a rule: ${reason}` });
    // The host hears of it later: it calls from inside its own work.
    setImmediate(() => this.#life.drop(peer, `broke a rule: ${reason}`));
  }

  // PeerDirectory.

  list(): PeerView[] {
    return viewAll(this.#peers.all, this.#life.dialer.addresses);
  }

  bans(): BanView[] {
    return this.#peers.bans.list();
  }

  get upCount(): number {
    return this.#peers.upCount;
  }

  async add(url: string, caller: string | null): Promise<AddPeerOutcome> {
    if (this.#life.isOwn(url))
      return { added: false, code: "self", reason: "this is this node's own address" };
    const guard = caller === null ? null : this.#life.guardOf(caller);
    const foreign = guard?.refusalOf(new URL(url).hostname) ?? null;
    if (foreign !== null) return { added: false, code: "address-not-allowed", reason: foreign };
    const address = this.#life.dialer.enter(url, true, guard);
    if (address === null)
      return { added: false, code: "too-many-peers", reason: "the table of addresses is full" };
    if (this.#peers.upWith(url, address.name) === null) await this.#life.dial(address);
    const peer = this.#peers.upWith(url, address.name);
    return { added: true, peer: peer === null ? viewOfAddress(address) : viewOf(peer) };
  }

  remove(url: string): boolean {
    const { dialer } = this.#life;
    const address = dialer.find(url);
    const peer = this.#peers.upWith(url, address?.name ?? null);
    for (const known of [url, peer?.url ?? url]) dialer.remove(known);
    if (peer !== null) this.#endLink(peer, "removed");
    return address !== null || peer !== null;
  }

  async tell(url: string, path: string, value: unknown): Promise<boolean> {
    const peer = this.#peers.upWith(url, null);
    if (peer !== null) return (await peer.client.postJson(path, value)).ok;
    const address = this.#life.dialer.find(url);
    if (address === null) return false;
    const client = new PeerClient(address.url, address.guard);
    const { ok } = await client.postJson(path, value);
    await client.close();
    return ok;
  }

  conditions(): LinkConditions {
    return this.#shaping.conditions;
  }

  setConditions(patch: LinkConditionsPatch): void {
    // What was lost in between is told again: the tip and what waits.
    for (const { phase, link } of this.#shaping.change(patch, this.#peers.all))
      if (phase === "up") this.#life.host?.linkUp(link, this.#settings.nowUs());
  }

  async probe(peerName: string, deadlineMs: number): Promise<ProbeOutcome> {
    const peer = this.#peers.named(peerName);
    if (peer?.phase !== "up") return { reached: false, oneWayMs: null, roundTripMs: null };
    return await this.#probes.probe((item) => peer.sender.send(item), deadlineMs);
  }

  async measure(peerName: string, request: LinkMeasure): Promise<LinkMeasured> {
    const peer = this.#peers.named(peerName);
    if (peer?.phase !== "up") return NOT_SENT;
    const uplinkBitsPerSec = () => this.#shaping.conditions.uplinkBitsPerSec;
    const link = { sender: peer.sender, uplinkBitsPerSec, nowUs: this.#settings.nowUs };
    return await measureLink(this.#probes, link, request);
  }

  // LinkControl.

  linkedUrls(): ReadonlySet<string> {
    return new Set([...this.#peers.all].filter(({ phase }) => phase === "up").map(({ url }) => url));
  }

  dial(url: string): void {
    if (this.#life.isOwn(url)) return;
    const address = this.#life.dialer.enter(url, false, this.#life.guardOf(null));
    if (address !== null) void this.#life.dial(address);
  }

  release(url: string): void {
    if (this.#life.dialer.find(url)?.isConfigured) return;
    const peer = this.#peers.upWith(url, null);
    this.#life.dialer.forget(url);
    if (peer !== null) this.#endLink(peer, "released");
  }

  /** The peer is not let in again for a while. */
  #endLink(peer: PeerLink, reason: string): void {
    this.#peers.release(peer.name, this.#settings.nowUs());
    this.#life.drop(peer, reason);
  }

  // PeerInbox.

  hello(body: unknown, caller: string | null): HelloOutcome {
    return this.#life.hello(body, caller);
  }

  enter(session: string): BatchEntry {
    const peer = this.#peers.ofSession(session);
    if (peer === null) return UNKNOWN_SESSION;
    if (peer.openBatches >= OPEN_BATCHES_MAX)
      return { ok: false, code: "too-many-batches", reason: `${OPEN_BATCHES_MAX} are under way already` };
    peer.openBatches += 1;
    const leave = () => {
      peer.openBatches -= 1;
    };
    return { ok: true, leave };
  }

  async batch(session: string, bytes: Uint8Array): Promise<BatchOutcome> {
    const peer = this.#peers.ofSession(session);
    const host = this.#life.host;
    if (peer === null || host === null) return UNKNOWN_SESSION;
    this.#life.raise(peer);
    const isWelcome = () => peer.phase === "up" && !this.#peers.bans.has(peer.name, this.#settings.nowUs());
    const fault = await this.#intake.take(peer, host, bytes, isWelcome);
    if (fault === null) return { ok: true };
    this.#life.ban(peer, { code: "bad-bytes", reason: fault });
    this.#life.drop(peer, fault);
    return { ok: false, code: "bad-message", reason: fault };
  }

  /** Ends all links and whatever is under way. */
  async close(): Promise<void> {
    await this.#life.close();
  }
}
