import type { TipView } from "../../core/machine/tip-text.ts";
import type { LinkIndex } from "../../core/sync/node-port.ts";
import type { LinkSender } from "./link-sender.ts";
import type { PeerClient } from "./peer-client.ts";

/** Sessions of a peer that are taken: two nodes that greet each other at once make two. */
const SESSION_COUNT_MAX = 4;

/**
 * A peer with which a hello was exchanged. `greeted`: it was answered, and has yet to show that it got the answer. `up`: the host knows the
 * link. `down`: over; the next hello makes a new one.
 */
export class PeerLink {
  readonly name: string;
  readonly url: string;
  /** Of the peer's process. */
  readonly instance: string;
  readonly link: LinkIndex;
  readonly client: PeerClient;
  readonly sender: LinkSender;
  /** What this node shows the peer with its messages. */
  outSession: string;
  /** The last that the peer told beside the messages; null until it does. */
  toldTip: TipView | null = null;
  phase: "greeted" | "up" | "down" = "greeted";
  /** Batches of the peer that are being read or taken in. */
  openBatches = 0;
  /** The end of a batch whose signatures are being verified; null when none is. */
  unfinished: Promise<void> | null = null;
  /** Bodies of which another peer was asked because this one was late, since the link came up. */
  passedOver = 0;
  readonly #sessions: string[] = [];

  constructor(
    hello: {
      readonly name: string;
      readonly url: string;
      readonly instance: string;
      readonly session: string;
    },
    link: LinkIndex,
    client: PeerClient,
    makeSender: (peer: PeerLink) => LinkSender,
  ) {
    this.name = hello.name;
    this.url = hello.url;
    this.instance = hello.instance;
    this.outSession = hello.session;
    this.link = link;
    this.client = client;
    this.sender = makeSender(this);
  }

  /** What the peer may show with its messages; the oldest that is forgotten for it, if any. */
  accept(session: string): string | null {
    this.#sessions.push(session);
    return this.#sessions.length > SESSION_COUNT_MAX ? (this.#sessions.shift() ?? null) : null;
  }

  get sessions(): readonly string[] {
    return this.#sessions;
  }
}
