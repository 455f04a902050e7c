import type { LinkIndex } from "../../core/sync/node-port.ts";
import { Bans } from "./bans.ts";
import type { PeerLink } from "./peer-link.ts";
import { Releases } from "./releases.ts";

/** Links at once, as many as the block tree has room to remember beliefs for. */
export const LINK_COUNT_MAX = 128;

/** The peers that are linked or about to be: by name, by number of link, by session. And those that nobody speaks with for a while. */
export class PeerTable {
  readonly #byName = new Map<string, PeerLink>();
  readonly #byLink: (PeerLink | null)[] = [];
  readonly #bySession = new Map<string, PeerLink>();
  readonly bans = new Bans();
  readonly releases = new Releases();

  get all(): Iterable<PeerLink> {
    return this.#byName.values();
  }

  named(name: string): PeerLink | null {
    return this.#byName.get(name) ?? null;
  }

  /** The peer at this link, if the host knows of it. */
  upAt(link: LinkIndex): PeerLink | null {
    const peer = this.#byLink[link] ?? null;
    return peer?.phase === "up" ? peer : null;
  }

  ofSession(session: string): PeerLink | null {
    return this.#bySession.get(session) ?? null;
  }

  /** The living link to whoever answers at this address, or is known by this name. */
  upWith(url: string, name: string | null): PeerLink | null {
    for (const peer of this.#byName.values())
      if (peer.phase === "up" && (peer.url === url || peer.name === name)) return peer;
    return null;
  }

  get upCount(): number {
    let count = 0;
    for (const peer of this.#byName.values()) if (peer.phase === "up") count += 1;
    return count;
  }

  /** The lowest number that no link has; null when all have one. */
  freeLink(): LinkIndex | null {
    for (let link = 0; link < LINK_COUNT_MAX; link += 1)
      if ((this.#byLink[link] ?? null) === null) return link;
    return null;
  }

  enter(peer: PeerLink): void {
    this.#byName.set(peer.name, peer);
    this.#byLink[peer.link] = peer;
  }

  /** The peer may show this session with its messages. */
  accept(peer: PeerLink, session: string): void {
    this.#bySession.set(session, peer);
    const forgotten = peer.accept(session);
    if (forgotten !== null) this.#bySession.delete(forgotten);
  }

  remove(peer: PeerLink): void {
    if (this.#byName.get(peer.name) === peer) this.#byName.delete(peer.name);
    if (this.#byLink[peer.link] === peer) this.#byLink[peer.link] = null;
    for (const session of peer.sessions)
      if (this.#bySession.get(session) === peer) this.#bySession.delete(session);
  }
}
