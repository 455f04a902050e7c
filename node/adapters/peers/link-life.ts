import type { BlockList } from "node:net";
import type { BlockTree } from "../../core/state/block-tree.ts";
import type { Micros } from "../../core/support/micros.ts";
import type { Prng } from "../../core/support/prng.ts";
import type { HelloOutcome, ReleaseView } from "../../ports/peer-directory.ts";
import { CallGuard } from "../../schemas/call-guard.ts";
import { decodeValue } from "../../schemas/decode.ts";
import { type Hello, helloSchema } from "../../schemas/hello-schema.ts";
import { BAN_MS, type Offence } from "./bans.ts";
import type { TransportHost } from "./batch-intake.ts";
import { type Address, Dialer } from "./dialer.ts";
import { Identity, newSession } from "./hello.ts";
import { LinkSender } from "./link-sender.ts";
import { Liveness } from "./liveness.ts";
import { isSelf, PeerClient, refusalText } from "./peer-client.ts";
import { PeerLink } from "./peer-link.ts";
import { LINK_COUNT_MAX, PeerTable } from "./peer-table.ts";
import type { Shaping } from "./shaping.ts";

/** Of a hello that is refused with `too-many-peers`. */
const NO_ROOM_STATUS = 503;

/** How long a peer that was answered may take to show itself, ms. */
const GREETED_TIMEOUT_MS = 10_000;

const RELEASE_TEXT: Readonly<Record<Exclude<ReleaseView["code"], "slow">, string>> = {
  removed: "an operator's wish",
  lost: "the link did not come about in time",
  exchanged: "another takes its turn",
};

export interface LinkLifeSettings {
  readonly name: string;
  readonly tree: BlockTree;
  /** In which peers are called that nobody configured. */
  readonly networks: BlockList;
  /** This node's stream "reconnect". */
  readonly jitter: Prng;
  readonly nowUs: () => Micros;
  readonly lateness: (lateUs: number) => void;
  /** A peer is banned, for an offence of this code. */
  readonly banned: (code: string) => void;
  /** The link with a peer that broke no rule is ended. */
  readonly released: (code: ReleaseView["code"]) => void;
  readonly log: (level: "info" | "warn", event: string, facts: Readonly<Record<string, unknown>>) => void;
}

/**
 * How links begin and end. A link begins with a hello, which names node, chain and process, and ends with the first request that fails; then
 * both ends try again.
 */
export class LinkLife {
  readonly peers = new PeerTable();
  readonly dialer: Dialer;
  /** Hears of links; null before the node can be reached. */
  host: TransportHost | null = null;
  #isClosed = false;
  readonly #settings: LinkLifeSettings;
  readonly #shaping: Shaping;
  readonly #identity: Identity;
  readonly #liveness: Liveness;

  constructor(settings: LinkLifeSettings, shaping: Shaping) {
    this.#settings = settings;
    this.#shaping = shaping;
    this.#identity = new Identity(settings.name, settings.tree);
    this.dialer = new Dialer(settings.jitter, (address) => void this.dial(address));
    this.#liveness = new Liveness(this.peers, settings.nowUs);
  }

  /** From now on peers can be reached, and reach this node at `url`. */
  start(host: TransportHost, url: string): void {
    this.host = host;
    this.#identity.url = url;
  }

  isOwn(url: string): boolean {
    return url === this.#identity.url;
  }

  /** Where those lead that somebody at this address tells of; null: nobody's own address counts. */
  guardOf(caller: string | null): CallGuard {
    return new CallGuard(this.#settings.networks, caller);
  }

  /** A peer greets, from this address. */
  hello(body: unknown, caller: string | null): HelloOutcome {
    const decoded = decodeValue(helloSchema, body);
    if (!decoded.ok) return { ok: false, code: "bad-request", reason: decoded.fault };
    const theirs = decoded.value;
    const refusal = this.#refusalOf(theirs);
    if (refusal !== null) return refusal;
    // What an operator named stays free, whoever greets from there.
    const free = this.dialer.find(theirs.url)?.guard === null;
    const guard = free ? null : this.guardOf(caller);
    const foreign = guard?.refusalOf(new URL(theirs.url).hostname) ?? null;
    if (foreign !== null) return { ok: false, code: "address-not-allowed", reason: foreign };
    const known = this.peers.named(theirs.name);
    const isSameLife = known?.instance === theirs.instance;
    // A peer that greets anew has lost its end of the link, or is another process.
    if (known !== null) this.drop(known, isSameLife ? "greeted anew" : "restarted");
    const peer = this.#enter(theirs, guard);
    if (peer === null)
      return { ok: false, code: "too-many-peers", reason: `${LINK_COUNT_MAX} peers are linked already` };
    // What is on its way under an older session is of this same process, and welcome.
    if (known !== null && isSameLife) for (const older of known.sessions) this.peers.accept(peer, older);
    const session = newSession();
    this.peers.accept(peer, session);
    const address = this.dialer.enter(theirs.url, false, guard);
    if (address !== null) address.name = theirs.name;
    setTimeout(() => {
      if (peer.phase === "greeted") this.drop(peer, "did not follow its hello");
    }, GREETED_TIMEOUT_MS).unref();
    return { ok: true, answer: this.#identity.hello(session) };
  }

  /** Greets whoever is there, unless there is a link already. */
  async dial(address: Address): Promise<void> {
    if (this.#isClosed || this.peers.upWith(address.url, address.name) !== null) return;
    const client = new PeerClient(address.url, address.guard);
    const session = newSession();
    const answer = await client.postJson("/p2p/hello", this.#identity.hello(session));
    await client.close();
    if (this.#isClosed) return;
    const refused = refusalText(answer);
    address.lastStatus = answer.ok && refused !== null ? answer.status : null;
    // It has no room, or gave the link up for another: only an operator's wish is a reason to press it.
    if (answer.ok && answer.status === NO_ROOM_STATUS) this.dialer.forget(address.url);
    if (isSelf(answer)) {
      // Another name of this node: it is no peer, and it will not become one.
      this.dialer.remove(address.url);
      return;
    }
    if (refused !== null) return this.#dialFailed(address, refused);
    const decoded = decodeValue(helloSchema, answer.ok ? answer.body : null);
    if (!decoded.ok) return this.#dialFailed(address, `an answer that is no hello: ${decoded.fault}`);
    const theirs = { ...decoded.value, url: address.url };
    const broken = this.#refusalOf(theirs);
    if (broken !== null) return this.#dialFailed(address, broken.reason);
    address.name = theirs.name;
    this.dialer.succeeded(address);
    this.#answered(theirs, session, address.guard);
  }

  /** Both ends know of the link now. */
  raise(peer: PeerLink): void {
    if (peer.phase !== "greeted") return;
    peer.phase = "up";
    this.#settings.log("info", "link-up", { peer: peer.name, url: peer.url });
    this.host?.linkUp(peer.link, this.#settings.nowUs());
  }

  /** Ends a link, if it has not ended; its address is tried again. */
  drop(peer: PeerLink, reason: string): void {
    if (peer.phase === "down" || this.#isClosed) return;
    const wasUp = peer.phase === "up";
    peer.phase = "down";
    peer.sender.close();
    void peer.client.close();
    this.peers.remove(peer);
    if (wasUp) {
      this.#settings.log("info", "link-down", { peer: peer.name, url: peer.url, reason });
      this.host?.linkDown(peer.link, this.#settings.nowUs());
    }
    const address = this.dialer.find(peer.url);
    const waitMs = this.peers.bans.has(peer.name, this.#settings.nowUs()) ? BAN_MS : 0;
    if (address !== null) this.dialer.failed(address, reason, waitMs);
  }

  /** Nobody speaks with the peer for a while. The caller ends the link, when it may. */
  ban(peer: PeerLink, offence: Offence): void {
    const { nowUs, log, banned } = this.#settings;
    // One message may break a rule several times over.
    if (this.peers.bans.has(peer.name, nowUs())) return;
    const { count } = this.peers.bans.add(peer, offence, nowUs());
    banned(offence.code);
    log("warn", "peer-banned", { peer: peer.name, url: peer.url, ...offence, forMs: BAN_MS, count });
  }

  /** Ends the link with a peer that broke no rule. It is not let in again for a while. */
  release(peer: PeerLink, code: ReleaseView["code"]): void {
    const reason = code === "slow" ? `passed over ${peer.passedOver} times` : RELEASE_TEXT[code];
    this.peers.releases.add(peer, { code, reason }, this.#settings.nowUs());
    this.#settings.released(code);
    this.drop(peer, `${code}: ${reason}`);
  }

  /** Ends all links and whatever is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#liveness.close();
    this.dialer.close();
    const peers = [...this.peers.all];
    for (const { sender } of peers) sender.close();
    await Promise.all(peers.map(({ client }) => client.close()));
  }

  #dialFailed(address: Address, reason: string): void {
    if (reason !== address.lastFailure)
      this.#settings.log("warn", "peer-unreachable", { url: address.url, reason });
    this.dialer.failed(address, reason);
  }

  /** The peer answered our hello: it waits for our first batch. */
  #answered(theirs: Hello, session: string, guard: CallGuard | null): void {
    const known = this.peers.named(theirs.name);
    if (known !== null && known.instance === theirs.instance) {
      // Both greeted at once: one link, whose ends may each show either session.
      known.outSession = theirs.session;
      this.peers.accept(known, session);
      if (known.phase === "up") this.host?.linkUp(known.link, this.#settings.nowUs());
      else this.raise(known);
      known.sender.flushSoon();
      return;
    }
    if (known !== null) this.drop(known, "restarted");
    const peer = this.#enter(theirs, guard);
    if (peer === null) return;
    this.peers.accept(peer, session);
    this.raise(peer);
    peer.sender.flushSoon();
  }

  /** A link that the host does not know of yet; null when there are too many. */
  #enter(theirs: Hello, guard: CallGuard | null): PeerLink | null {
    const link = this.peers.freeLink();
    if (link === null) return null;
    const { nowUs, lateness } = this.#settings;
    const shaper = this.#shaping.shaperTowards(theirs.name);
    const client = new PeerClient(theirs.url, guard);
    const makeSender = (self: PeerLink) =>
      new LinkSender(shaper, {
        post: async (bytes) => {
          const answer = await client.postBytes("/p2p/messages", self.outSession, bytes);
          if (answer.ok && answer.tip) self.toldTip = answer.tip;
          return answer;
        },
        nowUs,
        late: lateness,
        failed: (reason) => this.drop(self, reason),
      });
    const peer = new PeerLink(theirs, link, client, makeSender);
    this.peers.enter(peer);
    return peer;
  }

  #refusalOf(theirs: Hello): (HelloOutcome & { readonly ok: false }) | null {
    const refusal = this.#identity.refusalOf(theirs);
    const nowUs = this.#settings.nowUs();
    if (refusal !== null) return refusal;
    if (this.peers.releases.has(theirs.name, nowUs))
      return { ok: false, code: "too-many-peers", reason: "linked with others instead, a moment ago" };
    if (!this.peers.bans.has(theirs.name, nowUs)) return null;
    return { ok: false, code: "banned", reason: "broke a rule a moment ago" };
  }
}
