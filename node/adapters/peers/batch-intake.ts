import type { Hex } from "../../core/chain/types.ts";
import { type DecodedMessage, decodeMessage, encodeNotFound } from "../../core/machine/wire.ts";
import type { Violation } from "../../core/rules/violation.ts";
import type { BlockTree } from "../../core/state/block-tree.ts";
import type { Message } from "../../core/state/messages.ts";
import type { Micros } from "../../core/support/micros.ts";
import { murmur3 } from "../../core/support/prng.ts";
import type { LinkIndex } from "../../core/sync/node-port.ts";
import { splitFrames } from "./frames.ts";
import { outgoingBytes } from "./outgoing.ts";
import type { PeerLink } from "./peer-link.ts";
import { PROBE_KIND_MIN } from "./probe-frames.ts";
import type { Probes } from "./probes.ts";

/** Time that messages of one batch may take before other work gets its turn, ms. */
const SLICE_MS = 10;

/** What a link tells. The host fits. */
export interface TransportHost {
  linkUp(link: LinkIndex, nowUs: Micros): void;
  linkDown(link: LinkIndex, nowUs: Micros): void;
  deliver(link: LinkIndex, message: Message, nowUs: Micros): void;
  badMessage(link: LinkIndex, hash: Hex, violation: Violation, nowUs: Micros): void;
}

/** Takes in what peers post: frames one after the other, each decoded, then handed to the host. */
export class BatchIntake {
  readonly #tree: BlockTree;
  readonly #probes: Probes;
  readonly #nowUs: () => Micros;

  constructor(tree: BlockTree, probes: Probes, nowUs: () => Micros) {
    this.#tree = tree;
    this.#probes = probes;
    this.#nowUs = nowUs;
  }

  /** What was wrong with the batch, if anything; what stood before it was taken in. Stops when `isWelcome` says so. */
  async take(
    peer: PeerLink,
    host: TransportHost,
    bytes: Uint8Array,
    isWelcome: () => boolean,
  ): Promise<string | null> {
    const frames = splitFrames(bytes);
    if (frames === null) return "not whole frames";
    let sliceEndMs = performance.now() + SLICE_MS;
    for (const frame of frames) {
      // The link may have ended because of the frame before.
      if (!isWelcome()) break;
      const fault = this.#takeFrame(peer, host, frame);
      if (fault !== null) return fault;
      if (performance.now() > sliceEndMs) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceEndMs = performance.now() + SLICE_MS;
      }
    }
    return null;
  }

  #takeFrame(peer: PeerLink, host: TransportHost, frame: Uint8Array): string | null {
    const { sender } = peer;
    if ((frame[0] as number) < PROBE_KIND_MIN)
      return this.#takeMessage(peer, host, decodeMessage(frame, this.#tree));
    const isKnown = this.#probes.onFrame(frame, {
      send: (item) => sender.send(item),
      sendUnshaped: (item) => sender.sendUnshaped(item),
    });
    return isKnown ? null : "a frame of unknown kind";
  }

  #takeMessage(peer: PeerLink, host: TransportHost, decoded: DecodedMessage): string | null {
    switch (decoded.type) {
      case "message":
        host.deliver(peer.link, decoded.message, this.#nowUs());
        return null;
      case "unknown-block":
        if (decoded.kind === "request") {
          const { hash, attempt } = decoded;
          const drawKey = murmur3(attempt, Number.parseInt(hash.slice(-8), 16), 0);
          peer.sender.send(outgoingBytes(encodeNotFound(hash, attempt), drawKey));
        }
        return null;
      case "violation":
        host.badMessage(peer.link, decoded.hash, decoded.violation, this.#nowUs());
        return null;
      case "fault":
        return decoded.fault;
    }
  }
}
