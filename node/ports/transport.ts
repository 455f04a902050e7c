import type { Message } from "../core/state/messages.ts";
import type { LinkIndex } from "../core/sync/node-port.ts";

/**
 * Carries messages of a view to its peers. Contract: from one sender to one receiver messages keep their order; a message arrives once or
 * not at all; `send` never throws, never blocks, and never calls the host before it returns. To a link that is down it does nothing.
 */
export interface Transport {
  send(view: number, link: LinkIndex, message: Message): void;
  /** `send` to each link `firstLink + bit` whose bit of 32 is set, the lowest first. */
  sendToMany(view: number, firstLink: LinkIndex, linkBits: number, message: Message): void;
  /** Ends the link; the host hears `linkDown` later, not before this returns. */
  disconnect(view: number, link: LinkIndex, reason: string): void;
  /**
   * The peer was too slow with a body once more, and another was asked. Whoever can find another peer may end the link for it, later; a transport
   * whose links are given does nothing.
   */
  passedOver(view: number, link: LinkIndex): void;
}
