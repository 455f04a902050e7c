import type { Micros } from "../../core/support/micros.ts";
import type { PeerLink } from "./peer-link.ts";

/** A link on which nothing was posted for so long gets an empty batch, us: a peer that is gone is noticed within seconds. */
const LIVENESS_INTERVAL_US: Micros = 2_000_000;

/** Shows peers that this node is there, and so finds out which of them are not: a post that fails ends its link. */
export class Liveness {
  readonly #timer: NodeJS.Timeout;

  constructor(peers: { readonly all: Iterable<PeerLink> }, nowUs: () => Micros) {
    this.#timer = setInterval(() => {
      const idleSinceUs = nowUs() - LIVENESS_INTERVAL_US;
      for (const { sender, phase } of peers.all)
        if (phase === "up" && !sender.isPosting && sender.lastPostUs <= idleSinceUs) sender.flushSoon();
    }, LIVENESS_INTERVAL_US / 1_000);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
