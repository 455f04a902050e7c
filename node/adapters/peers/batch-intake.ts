import type { Hex } from "../../core/chain/types.ts";
import { type DecodedMessage, decodeMessage, encodeNotFound } from "../../core/machine/wire.ts";
import type { Violation } from "../../core/rules/violation.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { BlockTree } from "../../core/state/block-tree.ts";
import type { Message } from "../../core/state/messages.ts";
import type { Micros } from "../../core/support/micros.ts";
import { murmur3 } from "../../core/support/prng.ts";
import type { LinkIndex } from "../../core/sync/node-port.ts";
import type { VerifyLater } from "../../ports/crypto.ts";
import { splitFrames } from "./frames.ts";
import { outgoingBytes } from "./outgoing.ts";
import type { PeerLink } from "./peer-link.ts";
import { PROBE_KIND_MIN } from "./probe-frames.ts";
import type { Probes } from "./probes.ts";
import { SignatureCheck, type SignatureNeeds } from "./signature-check.ts";

/** Time that messages of one batch may take before other work gets its turn, ms. */
const SLICE_MS = 10;

/** A frame of more bytes gets a turn of its own: what those before it led to goes out first, and is answered meanwhile. */
const LARGE_FRAME_BYTES = 32 * 1024;

/** What a link tells, and asks. The host fits. */
export interface TransportHost extends SignatureNeeds {
  linkUp(link: LinkIndex, nowUs: Micros): void;
  linkDown(link: LinkIndex, nowUs: Micros): void;
  deliver(link: LinkIndex, message: Message, nowUs: Micros): void;
  storedBytes(block: BlockEntry, nowUs: Micros): Uint8Array | null;
  badMessage(link: LinkIndex, hash: Hex, violation: Violation, nowUs: Micros): void;
}

/** Who takes a batch in. */
export interface BatchTaker {
  readonly isWelcome: () => boolean;
  /** Something is wrong with a batch that was thought good. */
  readonly faulty: (fault: string) => void;
  /** Does some work, and what it stores is stored together at its end, before anybody is told of it. */
  readonly atOnce: AtOnce;
}

export type AtOnce = <T>(work: () => T) => T;

/** Takes in what peers post: frames one after the other, each decoded, then handed to the host. */
export class BatchIntake {
  readonly #tree: BlockTree;
  readonly #probes: Probes;
  readonly #nowUs: () => Micros;
  readonly #signatures: SignatureCheck;

  constructor(tree: BlockTree, probes: Probes, nowUs: () => Micros, verifyLater: VerifyLater) {
    this.#tree = tree;
    this.#probes = probes;
    this.#nowUs = nowUs;
    this.#signatures = new SignatureCheck(verifyLater);
  }

  /**
   * What was wrong with the batch, if anything; what stood before it was taken in. Stops when `isWelcome` says so. Resolves while the last of its signatures are
   * being verified, so that the peer sends the next batch meanwhile; what is found wrong later goes to `faulty`.
   */
  async take(
    peer: PeerLink,
    host: TransportHost,
    bytes: Uint8Array,
    takes: BatchTaker,
  ): Promise<string | null> {
    const frames = splitFrames(bytes);
    if (frames === null) return "not whole frames";
    const slices = new Slices();
    // Decoded, in order; the first waits for its signatures, or for the batch before. No longer than a batch.
    const decoded: DecodedFrame[] = [];
    for (const frame of frames) {
      if (frame.length > LARGE_FRAME_BYTES) await slices.end();
      decoded.push(this.#decode(frame, host));
      const fault = peer.unfinished === null ? this.#takeReady(peer, host, decoded, takes, slices) : null;
      if (fault !== null) return fault;
      await slices.next();
    }
    if (decoded.length === 0) return null;
    // Each waits behind the one that is taken in, and its sender with it.
    while (peer.unfinished !== null) await peer.unfinished;
    const rest = this.#takeRest(peer, host, decoded, takes);
    const unfinished = rest.then((fault) => {
      if (peer.unfinished === unfinished) peer.unfinished = null;
      if (fault !== null) takes.faulty(fault);
    });
    peer.unfinished = unfinished;
    return null;
  }

  /** Those at the front that nothing is waited for, until other work is to have its turn. What they have stored is stored at one go. */
  #takeReady(
    peer: PeerLink,
    host: TransportHost,
    decoded: DecodedFrame[],
    { isWelcome, atOnce }: BatchTaker,
    slices: Slices,
  ): string | null {
    if (decoded[0]?.pending !== null) return null;
    return atOnce(() => {
      do {
        const first = decoded.shift() as DecodedFrame;
        // The link may have ended because of the frame before.
        const fault = isWelcome() ? this.#takeFrame(peer, host, first) : null;
        if (fault !== null) return fault;
      } while (decoded[0]?.pending === null && !slices.isOver);
      return null;
    });
  }

  /** When all signatures are verified: the next batch's are meanwhile. */
  async #takeRest(
    peer: PeerLink,
    host: TransportHost,
    decoded: DecodedFrame[],
    takes: BatchTaker,
  ): Promise<string | null> {
    await Promise.all(decoded.map(({ pending }) => pending));
    const slices = new Slices();
    while (decoded.length > 0) {
      const fault = this.#takeReady(peer, host, decoded, takes, slices);
      if (fault !== null) return fault;
      await slices.next();
    }
    return null;
  }

  /** Begins to verify what the frame has signed. */
  #decode(frame: Uint8Array, host: TransportHost): DecodedFrame {
    if ((frame[0] as number) >= PROBE_KIND_MIN) return { frame, message: null, pending: null };
    const message = decodeMessage(frame, this.#tree);
    const pending =
      message.type === "message" ? this.#signatures.begin(message.message, host, this.#nowUs()) : null;
    const decoded: DecodedFrame = { frame, message, pending };
    pending?.then(() => {
      decoded.pending = null;
    });
    return decoded;
  }

  #takeFrame(peer: PeerLink, host: TransportHost, { frame, message }: DecodedFrame): string | null {
    const { sender } = peer;
    if (message !== null) return this.#takeMessage(peer, host, message);
    const isKnown = this.#probes.onFrame(frame, {
      send: (item) => sender.send(item),
      sendUnshaped: (item) => sender.sendUnshaped(item),
    });
    return isKnown ? null : "a frame of unknown kind";
  }

  #takeMessage(peer: PeerLink, host: TransportHost, decoded: DecodedMessage): string | null {
    switch (decoded.type) {
      case "message":
        deliver(peer, host, decoded.message, decoded.blockBytes ?? null, this.#nowUs());
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

/** A block that joins the chain now is stored as it came. */
function deliver(
  peer: PeerLink,
  host: TransportHost,
  message: Message,
  blockBytes: Uint8Array | null,
  nowUs: Micros,
): void {
  if (message.kind === "block") message.block.bytes = blockBytes;
  host.deliver(peer.link, message, nowUs);
  if (message.kind === "block") message.block.bytes = null;
}

interface DecodedFrame {
  readonly frame: Uint8Array;
  /** Null for a frame of the transport's own. */
  readonly message: DecodedMessage | null;
  /** Null when all that it brings is verified. */
  pending: Promise<void> | null;
}

/** Lets other work have its turn when this one has had its time. */
class Slices {
  #endMs = performance.now() + SLICE_MS;

  get isOver(): boolean {
    return performance.now() > this.#endMs;
  }

  async next(): Promise<void> {
    if (this.isOver) await this.end();
  }

  async end(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#endMs = performance.now() + SLICE_MS;
  }
}
