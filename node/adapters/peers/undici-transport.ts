import type { BlockTree } from "../../core/state/block-tree.ts";
import type { Message } from "../../core/state/messages.ts";
import type { Micros } from "../../core/support/micros.ts";
import type { Prng } from "../../core/support/prng.ts";
import type { LinkIndex } from "../../core/sync/node-port.ts";
import {
  conditionTowards,
  type LinkConditions,
  type LinkConditionsPatch,
  mergeLinkConditions,
} from "../../link/link-conditions.ts";
import { LinkShaper, Uplink } from "../../link/link-shaper.ts";
import type {
  AddPeerOutcome,
  BatchOutcome,
  HelloOutcome,
  PeerDirectory,
  PeerInbox,
  PeerView,
  ProbeOutcome,
} from "../../ports/peer-directory.ts";
import type { Transport } from "../../ports/transport.ts";
import { decodeValue } from "../../schemas/decode.ts";
import { BatchIntake, type TransportHost } from "./batch-intake.ts";
import { type Address, Dialer } from "./dialer.ts";
import { type Hello, helloSchema, Identity, newSession } from "./hello.ts";
import { LinkSender } from "./link-sender.ts";
import { MessageEncoder } from "./outgoing.ts";
import { PeerClient, refusalText } from "./peer-client.ts";
import { PeerLink } from "./peer-link.ts";
import { BAN_MS, LINK_COUNT_MAX, PeerTable } from "./peer-table.ts";
import { Probes } from "./probes.ts";

/** A link on which nothing was posted for so long gets an empty batch, us: a peer that is gone is noticed within seconds. */
const LIVENESS_INTERVAL_US: Micros = 2_000_000;

/** How long a peer that was answered may take to show itself, ms. */
const GREETED_TIMEOUT_MS = 10_000;

export interface TransportSettings {
  readonly name: string;
  readonly tree: BlockTree;
  readonly conditions: LinkConditions;
  readonly batchBytesMax: number;
  /** This node's stream "reconnect". */
  readonly jitter: Prng;
  readonly nowUs: () => Micros;
  readonly lateness: (lateUs: number) => void;
  readonly log: (level: "info" | "warn", event: string, facts: Readonly<Record<string, unknown>>) => void;
}

/**
 * Links with other nodes over HTTP. Both ends post their messages to each other, in batches, one request at a time for each direction. A
 * link begins with a hello, which names node, chain and process, and ends with the first request that fails; then both ends try again.
 */
export class UndiciTransport implements Transport, PeerDirectory, PeerInbox {
  readonly batchBytesMax: number;
  /** Since the start of the node, over all links. */
  sentMessages = 0;
  sentBytes = 0;
  #host: TransportHost | null = null;
  #conditions: LinkConditions;
  #isClosed = false;
  readonly #settings: TransportSettings;
  readonly #identity: Identity;
  readonly #uplink: Uplink;
  readonly #encoder = new MessageEncoder();
  readonly #probes: Probes;
  readonly #intake: BatchIntake;
  readonly #dialer: Dialer;
  readonly #peers = new PeerTable();
  readonly #liveness: NodeJS.Timeout;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
    this.batchBytesMax = settings.batchBytesMax;
    this.#conditions = settings.conditions;
    this.#identity = new Identity(settings.name, settings.tree);
    this.#uplink = new Uplink(settings.conditions.uplinkBitsPerSec);
    this.#probes = new Probes(settings.nowUs);
    this.#intake = new BatchIntake(settings.tree, this.#probes, settings.nowUs);
    this.#dialer = new Dialer(settings.jitter, (address) => void this.#dial(address));
    this.#liveness = setInterval(() => this.#showLife(), LIVENESS_INTERVAL_US / 1_000);
  }

  /** From now on peers can be reached, and reach this node at `url`. */
  start(host: TransportHost, url: string): void {
    this.#host = host;
    this.#identity.url = url;
  }

  // Transport.

  send(_view: number, link: LinkIndex, message: Message): void {
    const peer = this.#peers.upAt(link);
    if (peer === null) return;
    const item = this.#encoder.outgoing(message, this.#conditions.blockPaddingBytes);
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
    this.#peers.ban(peer.name, this.#settings.nowUs());
    // The host hears of it later: it calls from inside its own work.
    setImmediate(() => this.#drop(peer, `broke a rule: ${reason}`));
  }

  // PeerDirectory.

  list(): PeerView[] {
    const views = [...this.#peers.all].map(viewOf);
    const urls = new Set(views.map((view) => view.url));
    for (const address of this.#dialer.addresses) {
      const isLinked = address.name !== null && this.#peers.named(address.name) !== null;
      if (!urls.has(address.url) && !isLinked) views.push(viewOfAddress(address));
    }
    return views;
  }

  get upCount(): number {
    return this.#peers.upCount;
  }

  async add(url: string): Promise<AddPeerOutcome> {
    if (url === this.#identity.url)
      return { added: false, code: "self", reason: "this is this node's own address" };
    const address = this.#dialer.enter(url, true);
    if (address === null)
      return { added: false, code: "too-many-peers", reason: "the table of addresses is full" };
    if (this.#peers.upWith(url, address.name) === null) await this.#dial(address);
    const peer = this.#peers.upWith(url, address.name);
    return { added: true, peer: peer === null ? viewOfAddress(address) : viewOf(peer) };
  }

  conditions(): LinkConditions {
    return this.#conditions;
  }

  setConditions(patch: LinkConditionsPatch): void {
    this.#conditions = mergeLinkConditions(this.#conditions, patch);
    this.#uplink.bitsPerSec = this.#conditions.uplinkBitsPerSec;
    for (const peer of this.#peers.all) {
      const wasCut = peer.sender.shaper.condition.cut;
      const condition = conditionTowards(this.#conditions, peer.name);
      peer.sender.setCondition(condition);
      // What was lost in between is told again: the tip and what waits.
      if (wasCut && !condition.cut && peer.phase === "up") this.#host?.linkUp(peer.link);
    }
  }

  probe(peerName: string, deadlineMs: number): Promise<ProbeOutcome> {
    const peer = this.#peers.named(peerName);
    if (peer?.phase !== "up") return Promise.resolve({ reached: false, oneWayMs: null, roundTripMs: null });
    return this.#probes.probe((item) => peer.sender.send(item), deadlineMs);
  }

  // PeerInbox.

  hello(body: unknown): HelloOutcome {
    const decoded = decodeValue(helloSchema, body);
    if (!decoded.ok) return { ok: false, code: "bad-request", reason: decoded.fault };
    const theirs = decoded.value;
    const refusal = this.#refusalOf(theirs);
    if (refusal !== null) return refusal;
    const known = this.#peers.named(theirs.name);
    const isSameLife = known?.instance === theirs.instance;
    // A peer that greets anew has lost its end of the link, or is another process.
    if (known !== null) this.#drop(known, isSameLife ? "greeted anew" : "restarted");
    const peer = this.#enter(theirs);
    if (peer === null)
      return { ok: false, code: "too-many-peers", reason: `${LINK_COUNT_MAX} peers are linked already` };
    // What is on its way under an older session is of this same process, and welcome.
    if (known !== null && isSameLife) for (const older of known.sessions) this.#peers.accept(peer, older);
    const session = newSession();
    this.#peers.accept(peer, session);
    const address = this.#dialer.enter(theirs.url, false);
    if (address !== null) address.name = theirs.name;
    setTimeout(() => {
      if (peer.phase === "greeted") this.#drop(peer, "did not follow its hello");
    }, GREETED_TIMEOUT_MS).unref();
    return { ok: true, answer: this.#identity.hello(session) };
  }

  async batch(session: string, bytes: Uint8Array): Promise<BatchOutcome> {
    const peer = this.#peers.ofSession(session);
    const host = this.#host;
    if (peer === null || host === null)
      return { ok: false, code: "unknown-session", reason: "say hello first" };
    this.#raise(peer);
    const isWelcome = () => peer.phase === "up" && !this.#peers.isBanned(peer.name, this.#settings.nowUs());
    const fault = await this.#intake.take(peer, host, bytes, isWelcome);
    if (fault === null) return { ok: true };
    this.#peers.ban(peer.name, this.#settings.nowUs());
    this.#drop(peer, fault);
    return { ok: false, code: "bad-message", reason: fault };
  }

  /** Ends all links and whatever is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#liveness);
    this.#dialer.close();
    const peers = [...this.#peers.all];
    for (const { sender } of peers) sender.close();
    await Promise.all(peers.map(({ client }) => client.close()));
  }

  #refusalOf(theirs: Hello): (HelloOutcome & { readonly ok: false }) | null {
    const refusal = this.#identity.refusalOf(theirs);
    if (refusal !== null || !this.#peers.isBanned(theirs.name, this.#settings.nowUs())) return refusal;
    return { ok: false, code: "banned", reason: "broke a rule a moment ago" };
  }

  async #dial(address: Address): Promise<void> {
    if (this.#isClosed || this.#peers.upWith(address.url, address.name) !== null) return;
    const client = new PeerClient(address.url);
    const session = newSession();
    const answer = await client.postJson("/p2p/hello", this.#identity.hello(session));
    await client.close();
    if (this.#isClosed) return;
    const refused = refusalText(answer);
    if (refused !== null) return this.#dialFailed(address, refused);
    const decoded = decodeValue(helloSchema, answer.ok ? answer.body : null);
    if (!decoded.ok) return this.#dialFailed(address, `an answer that is no hello: ${decoded.fault}`);
    const theirs = { ...decoded.value, url: address.url };
    const broken = this.#refusalOf(theirs);
    if (broken !== null) return this.#dialFailed(address, broken.reason);
    address.name = theirs.name;
    this.#dialer.succeeded(address);
    this.#answered(theirs, session);
  }

  #dialFailed(address: Address, reason: string): void {
    if (reason !== address.lastFailure)
      this.#settings.log("warn", "peer-unreachable", { url: address.url, reason });
    this.#dialer.failed(address, reason);
  }

  /** The peer answered our hello: it waits for our first batch. */
  #answered(theirs: Hello, session: string): void {
    const known = this.#peers.named(theirs.name);
    if (known !== null && known.instance === theirs.instance) {
      // Both greeted at once: one link, whose ends may each show either session.
      known.outSession = theirs.session;
      this.#peers.accept(known, session);
      if (known.phase === "up") this.#host?.linkUp(known.link);
      else this.#raise(known);
      known.sender.flushSoon();
      return;
    }
    if (known !== null) this.#drop(known, "restarted");
    const peer = this.#enter(theirs);
    if (peer === null) return;
    this.#peers.accept(peer, session);
    this.#raise(peer);
    peer.sender.flushSoon();
  }

  /** A link that the host does not know of yet; null when there are too many. */
  #enter(theirs: Hello): PeerLink | null {
    const link = this.#peers.freeLink();
    if (link === null) return null;
    const { name, nowUs, lateness } = this.#settings;
    const condition = conditionTowards(this.#conditions, theirs.name);
    const shaper = new LinkShaper(this.#uplink, condition, this.#conditions.seed, name, theirs.name);
    const client = new PeerClient(theirs.url);
    const makeSender = (self: PeerLink) =>
      new LinkSender(shaper, {
        post: (bytes) => client.postBytes("/p2p/messages", self.outSession, bytes),
        nowUs,
        late: lateness,
        failed: (reason) => this.#drop(self, reason),
      });
    const peer = new PeerLink(theirs, link, client, makeSender);
    this.#peers.enter(peer);
    return peer;
  }

  /** Both ends know of the link now. */
  #raise(peer: PeerLink): void {
    if (peer.phase !== "greeted") return;
    peer.phase = "up";
    this.#settings.log("info", "link-up", { peer: peer.name, url: peer.url });
    this.#host?.linkUp(peer.link);
  }

  #drop(peer: PeerLink, reason: string): void {
    if (peer.phase === "down" || this.#isClosed) return;
    const wasUp = peer.phase === "up";
    peer.phase = "down";
    peer.sender.close();
    void peer.client.close();
    this.#peers.remove(peer);
    if (wasUp) {
      this.#settings.log("info", "link-down", { peer: peer.name, url: peer.url, reason });
      this.#host?.linkDown(peer.link, this.#settings.nowUs());
    }
    const address = this.#dialer.find(peer.url);
    const waitMs = this.#peers.isBanned(peer.name, this.#settings.nowUs()) ? BAN_MS : 0;
    if (address !== null) this.#dialer.failed(address, reason, waitMs);
  }

  #showLife(): void {
    const idleSinceUs = this.#settings.nowUs() - LIVENESS_INTERVAL_US;
    for (const { sender, phase } of this.#peers.all)
      if (phase === "up" && !sender.isPosting && sender.lastPostUs <= idleSinceUs) sender.flushSoon();
  }
}

function viewOf({ name, url, phase, link, sender }: PeerLink): PeerView {
  const { sentMessages, sentBytes } = sender;
  const up = phase === "up";
  return { name, url, up, link: up ? link : null, sentMessages, sentBytes, lastFailure: null };
}

function viewOfAddress({ name, url, lastFailure }: Address): PeerView {
  return { name, url, up: false, link: null, sentMessages: 0, sentBytes: 0, lastFailure };
}
