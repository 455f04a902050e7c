import { randomBytes } from "node:crypto";
import type { Violation } from "../../core/rules/violation.ts";
import { type DecodedMessage, decodeMessage, encodeNotFound } from "../../core/machine/wire.ts";
import type { Hex } from "../../core/chain/types.ts";
import type { BlockTree } from "../../core/state/block-tree.ts";
import type { Message } from "../../core/state/messages.ts";
import type { Micros } from "../../core/support/micros.ts";
import { murmur3, Prng } from "../../core/support/prng.ts";
import type { LinkIndex } from "../../core/sync/node-port.ts";
import { conditionTowards, type LinkConditions, type LinkConditionsPatch, mergeLinkConditions } from "../../link/link-conditions.ts";
import { LinkShaper, Uplink } from "../../link/link-shaper.ts";
import type { AddPeerOutcome, BatchOutcome, HelloOutcome, PeerDirectory, PeerInbox, PeerView, ProbeOutcome } from "../../ports/peer-directory.ts";
import type { Transport } from "../../ports/transport.ts";
import { decodeValue } from "../../schemas/decode.ts";
import { type Address, Dialer } from "./dialer.ts";
import { splitFrames } from "./frames.ts";
import { chainDifference, type Hello, helloSchema, PROTOCOL_VERSION } from "./hello.ts";
import { LinkSender } from "./link-sender.ts";
import { MessageEncoder, outgoingBytes } from "./outgoing.ts";
import { PeerClient } from "./peer-client.ts";
import { PeerLink } from "./peer-link.ts";
import { PROBE_KIND, Probes } from "./probes.ts";

/** Links at once, as many as the block tree has room to remember beliefs for. */
export const LINK_COUNT_MAX = 128;

/** A link on which nothing was posted for so long gets an empty batch, us: a peer that is gone is noticed within seconds. */
const LIVENESS_INTERVAL_US: Micros = 2_000_000;

/** How long a peer that was answered may take to show itself, ms. */
const GREETED_TIMEOUT_MS = 10_000;

/** How long a peer that broke a rule is not spoken with, ms: long against a retry, short against an experiment. */
const BAN_MS = 30_000;

/** Time that messages of one batch may take before other work gets its turn, ms. */
const SLICE_MS = 10;

/** What the transport tells. The host fits. */
export interface TransportHost {
  linkUp(link: LinkIndex): void;
  linkDown(link: LinkIndex, nowUs: Micros): void;
  deliver(link: LinkIndex, message: Message, nowUs: Micros): void;
  badMessage(link: LinkIndex, hash: Hex, violation: Violation, nowUs: Micros): void;
}

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
  #url = "";
  #conditions: LinkConditions;
  #isClosed = false;
  readonly #settings: TransportSettings;
  readonly #instance = randomBytes(16).toString("hex");
  readonly #uplink: Uplink;
  readonly #encoder = new MessageEncoder();
  readonly #probes: Probes;
  readonly #dialer: Dialer;
  readonly #peers = new Map<string, PeerLink>();
  readonly #byLink: (PeerLink | null)[] = [];
  readonly #bySession = new Map<string, PeerLink>();
  readonly #bannedUntilUs = new Map<string, Micros>();
  readonly #liveness: NodeJS.Timeout;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
    this.batchBytesMax = settings.batchBytesMax;
    this.#conditions = settings.conditions;
    this.#uplink = new Uplink(settings.conditions.uplinkBitsPerSec);
    this.#probes = new Probes(settings.nowUs);
    this.#dialer = new Dialer(settings.jitter, (address) => void this.#dial(address));
    this.#liveness = setInterval(() => this.#showLife(), LIVENESS_INTERVAL_US / 1_000);
  }

  /** From now on peers can be reached, and reach this node at `url`. */
  start(host: TransportHost, url: string): void {
    this.#host = host;
    this.#url = url;
  }

  // Transport.

  send(_view: number, link: LinkIndex, message: Message): void {
    const peer = this.#byLink[link];
    if (peer?.phase !== "up") return;
    const item = this.#encoder.outgoing(message, this.#conditions.blockPaddingBytes);
    this.sentMessages += 1;
    this.sentBytes += item.sizeBytes;
    peer.sender.send(item);
  }

  disconnect(_view: number, link: LinkIndex, reason: string): void {
    const peer = this.#byLink[link];
    if (peer?.phase !== "up") return;
    this.#ban(peer.name);
    // The host hears of it later: it calls from inside its own work.
    setImmediate(() => this.#drop(peer, `broke a rule: ${reason}`));
  }

  // PeerDirectory.

  list(): PeerView[] {
    const views = [...this.#peers.values()].map((peer) => this.#viewOf(peer));
    const linkedUrls = new Set(views.map((view) => view.url));
    for (const { url, name, lastFailure } of this.#dialer.addresses) {
      if (linkedUrls.has(url) || (name !== null && this.#peers.has(name))) continue;
      views.push({ name, url, up: false, link: null, sentMessages: 0, sentBytes: 0, lastFailure });
    }
    return views;
  }

  async add(url: string): Promise<AddPeerOutcome> {
    if (url === this.#url) return { added: false, code: "self", reason: "this is this node's own address" };
    const address = this.#dialer.enter(url, true);
    if (address === null)
      return { added: false, code: "too-many-peers", reason: "the table of addresses is full" };
    if (this.#linkedAt(address) === null) await this.#dial(address);
    const peer = this.#linkedAt(address);
    if (peer !== null) return { added: true, peer: this.#viewOf(peer) };
    const { name, lastFailure } = address;
    return { added: true, peer: { name, url, up: false, link: null, sentMessages: 0, sentBytes: 0, lastFailure } };
  }

  conditions(): LinkConditions {
    return this.#conditions;
  }

  setConditions(patch: LinkConditionsPatch): void {
    this.#conditions = mergeLinkConditions(this.#conditions, patch);
    this.#uplink.bitsPerSec = this.#conditions.uplinkBitsPerSec;
    for (const peer of this.#peers.values()) {
      const wasCut = peer.sender.shaper.condition.cut;
      const condition = conditionTowards(this.#conditions, peer.name);
      peer.sender.setCondition(condition);
      // What was lost in between is told again: the tip and what waits.
      if (wasCut && !condition.cut && peer.phase === "up") this.#host?.linkUp(peer.link);
    }
  }

  probe(peerName: string, deadlineMs: number): Promise<ProbeOutcome> {
    const peer = this.#peers.get(peerName);
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
    const session = newSession();
    const known = this.#peers.get(theirs.name);
    // A peer that greets anew has lost its end of the link, or is another process.
    if (known !== undefined) this.#drop(known, known.instance === theirs.instance ? "greeted anew" : "restarted");
    const peer = this.#enter(theirs, known?.instance === theirs.instance ? known.sessions : []);
    if (peer === null) return { ok: false, code: "too-many-peers", reason: `${LINK_COUNT_MAX} peers are linked already` };
    this.#accept(peer, session);
    const address = this.#dialer.enter(theirs.url, false);
    if (address !== null) address.name = theirs.name;
    setTimeout(() => {
      if (peer.phase === "greeted") this.#drop(peer, "did not follow its hello");
    }, GREETED_TIMEOUT_MS).unref();
    return { ok: true, answer: this.#hello(session) };
  }

  async batch(session: string, bytes: Uint8Array): Promise<BatchOutcome> {
    const peer = this.#bySession.get(session);
    if (peer === undefined || peer.phase === "down")
      return { ok: false, code: "unknown-session", reason: "say hello first" };
    this.#raise(peer);
    const frames = splitFrames(bytes);
    if (frames === null) return this.#badBatch(peer, "not whole frames");
    let sliceEndMs = performance.now() + SLICE_MS;
    for (const frame of frames) {
      // The link may have ended because of the frame before.
      if (peer.phase !== "up" || this.#isBanned(peer.name)) break;
      const fault = this.#takeFrame(peer, frame);
      if (fault !== null) return this.#badBatch(peer, fault);
      if (performance.now() > sliceEndMs) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceEndMs = performance.now() + SLICE_MS;
      }
    }
    return { ok: true };
  }

  /** Ends all links and whatever is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#liveness);
    this.#dialer.close();
    const clients = [...this.#peers.values()].map((peer) => peer.client);
    for (const peer of this.#peers.values()) peer.sender.close();
    await Promise.all(clients.map((client) => client.close()));
  }

  get upCount(): number {
    let count = 0;
    for (const peer of this.#peers.values()) if (peer.phase === "up") count += 1;
    return count;
  }

  /** What is wrong with a frame, if anything. */
  #takeFrame(peer: PeerLink, frame: Uint8Array): string | null {
    const { sender } = peer;
    const isOwnKind = (frame[0] as number) >= PROBE_KIND;
    if (isOwnKind) {
      const reply = {
        send: sender.send.bind(sender),
        sendUnshaped: sender.sendUnshaped.bind(sender),
      };
      return this.#probes.onFrame(frame, reply) ? null : "a frame of unknown kind";
    }
    return this.#takeMessage(peer, decodeMessage(frame, this.#settings.tree));
  }

  #takeMessage(peer: PeerLink, decoded: DecodedMessage): string | null {
    const nowUs = this.#settings.nowUs();
    switch (decoded.type) {
      case "message":
        this.#host?.deliver(peer.link, decoded.message, nowUs);
        return null;
      case "unknown-block":
        if (decoded.kind === "request") {
          const { hash, attempt } = decoded;
          const drawKey = murmur3(attempt, Number.parseInt(hash.slice(-8), 16), 0);
          peer.sender.send(outgoingBytes(encodeNotFound(hash, attempt), drawKey));
        }
        return null;
      case "violation":
        this.#host?.badMessage(peer.link, decoded.hash, decoded.violation, nowUs);
        return null;
      case "fault":
        return decoded.fault;
    }
  }

  #badBatch(peer: PeerLink, reason: string): BatchOutcome {
    this.#ban(peer.name);
    this.#drop(peer, reason);
    return { ok: false, code: "bad-message", reason };
  }

  #hello(session: string): Hello {
    const { name, tree } = this.#settings;
    const { name: chainName, seal } = tree.parameters;
    return {
      version: PROTOCOL_VERSION,
      name,
      url: this.#url,
      genesis: tree.genesis.hash,
      chain: { name: chainName, seal },
      instance: this.#instance,
      session,
    };
  }

  #refusalOf(theirs: Hello): (HelloOutcome & { ok: false }) | null {
    const mine = this.#hello(theirs.session);
    if (theirs.version !== mine.version) {
      const reason = `protocol version ${theirs.version}, ${mine.version} here`;
      return { ok: false, code: "different-version", reason };
    }
    const difference = chainDifference(mine, theirs);
    if (difference !== null)
      return {
        ok: false,
        code: "different-chain",
        reason: difference,
        details: { genesis: mine.genesis, peerGenesis: theirs.genesis },
      };
    if (theirs.instance === mine.instance) return { ok: false, code: "self", reason: "this is the node itself" };
    if (theirs.name === mine.name)
      return { ok: false, code: "name-taken", reason: `this node is called ${mine.name} too; names must differ` };
    if (this.#isBanned(theirs.name)) return { ok: false, code: "banned", reason: "broke a rule a moment ago" };
    return null;
  }

  async #dial(address: Address): Promise<void> {
    if (this.#isClosed || this.#linkedAt(address) !== null) return;
    const client = new PeerClient(address.url);
    const session = newSession();
    const answer = await client.postJson("/p2p/hello", this.#hello(session));
    await client.close();
    if (this.#isClosed) return;
    const refusal = answer.ok && answer.status === 200 ? null : failureOf(answer);
    const decoded = answer.ok ? decodeValue(helloSchema, answer.body) : null;
    if (refusal !== null || decoded === null || !decoded.ok) {
      this.#dialFailed(address, refusal ?? "an answer that is no hello");
      return;
    }
    const theirs = { ...decoded.value, url: address.url };
    const broken = this.#refusalOf(theirs);
    if (broken !== null && !broken.ok) {
      this.#dialFailed(address, broken.reason);
      return;
    }
    address.name = theirs.name;
    this.#dialer.succeeded(address);
    this.#greeted(theirs, session);
  }

  #dialFailed(address: Address, reason: string): void {
    if (reason !== address.lastFailure) this.#settings.log("warn", "peer-unreachable", { url: address.url, reason });
    this.#dialer.failed(address, reason);
  }

  /** The peer answered our hello: it waits for our first batch. */
  #greeted(theirs: Hello, session: string): void {
    const known = this.#peers.get(theirs.name);
    if (known !== undefined && known.instance === theirs.instance) {
      // Both greeted at once: one link, whose ends may each show either session.
      known.outSession = theirs.session;
      this.#accept(known, session);
      if (known.phase === "up") this.#host?.linkUp(known.link);
      else this.#raise(known);
      known.sender.flushSoon();
      return;
    }
    if (known !== undefined) this.#drop(known, "restarted");
    const peer = this.#enter(theirs, []);
    if (peer === null) return;
    this.#accept(peer, session);
    this.#raise(peer);
    peer.sender.flushSoon();
  }

  /** A link with no phase but `greeted`; null when there are too many. */
  #enter(theirs: Hello, sessions: readonly string[]): PeerLink | null {
    const link = this.#freeLink();
    if (link === null) return null;
    const { name, nowUs, lateness } = this.#settings;
    const condition = conditionTowards(this.#conditions, theirs.name);
    const shaper = new LinkShaper(this.#uplink, condition, this.#conditions.seed, name, theirs.name);
    const client = new PeerClient(theirs.url);
    const peer = new PeerLink(
      theirs,
      link,
      client,
      (self) =>
        new LinkSender(shaper, {
          post: (bytes) => client.postBytes("/p2p/messages", self.outSession, bytes),
          nowUs,
          late: lateness,
          failed: (reason) => this.#drop(self, reason),
        }),
    );
    this.#byLink[link] = peer;
    this.#peers.set(peer.name, peer);
    for (const session of sessions) this.#accept(peer, session);
    return peer;
  }

  #accept(peer: PeerLink, session: string): void {
    this.#bySession.set(session, peer);
    const forgotten = peer.accept(session);
    if (forgotten !== null) this.#bySession.delete(forgotten);
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
    this.#byLink[peer.link] = null;
    if (this.#peers.get(peer.name) === peer) this.#peers.delete(peer.name);
    for (const session of peer.sessions) if (this.#bySession.get(session) === peer) this.#bySession.delete(session);
    if (wasUp) {
      this.#settings.log("info", "link-down", { peer: peer.name, url: peer.url, reason });
      this.#host?.linkDown(peer.link, this.#settings.nowUs());
    }
    const address = this.#dialer.find(peer.url);
    if (address !== null) this.#dialer.failed(address, reason, this.#isBanned(peer.name) ? BAN_MS : 0);
  }

  #showLife(): void {
    const idleSinceUs = this.#settings.nowUs() - LIVENESS_INTERVAL_US;
    for (const { sender, phase } of this.#peers.values())
      if (phase === "up" && !sender.isPosting && sender.lastPostUs <= idleSinceUs) sender.flushSoon();
  }

  #freeLink(): LinkIndex | null {
    for (let link = 0; link < LINK_COUNT_MAX; link += 1) if ((this.#byLink[link] ?? null) === null) return link;
    return null;
  }

  /** The living link to whoever answers at this address. */
  #linkedAt(address: Address): PeerLink | null {
    for (const peer of this.#peers.values())
      if (peer.phase === "up" && (peer.url === address.url || peer.name === address.name)) return peer;
    return null;
  }

  #viewOf(peer: PeerLink): PeerView {
    const { name, url, phase, link, sender } = peer;
    const { sentMessages, sentBytes } = sender;
    const up = phase === "up";
    return { name, url, up, link: up ? link : null, sentMessages, sentBytes, lastFailure: null };
  }

  #ban(name: string): void {
    this.#bannedUntilUs.set(name, this.#settings.nowUs() + BAN_MS * 1_000);
  }

  #isBanned(name: string): boolean {
    const untilUs = this.#bannedUntilUs.get(name);
    if (untilUs === undefined) return false;
    if (untilUs > this.#settings.nowUs()) return true;
    this.#bannedUntilUs.delete(name);
    return false;
  }
}

function newSession(): string {
  return randomBytes(16).toString("hex");
}

function failureOf(answer: Awaited<ReturnType<PeerClient["postJson"]>>): string {
  if (!answer.ok) return answer.reason;
  const { body } = answer;
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : null;
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : null;
  return typeof message === "string" ? message : `status ${answer.status}`;
}
