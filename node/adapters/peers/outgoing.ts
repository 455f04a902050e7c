import { encodeBlockMessage, encodeMessage, encodeNotFound } from "../../core/machine/wire.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { Message } from "../../core/state/messages.ts";

/** A frame on its way to a peer. Encoded when it is posted, so that what waits in a queue costs no bytes. */
export interface Outgoing {
  /** As in `Message`. */
  readonly drawKey: number;
  /** As the link counts it: padding included. */
  readonly sizeBytes: number;
  readonly bytes: () => Uint8Array;
}

/** Encodings that are kept: a new block goes to every peer within milliseconds. */
const ENCODED_COUNT_MAX = 16;

/** Encodes each message once for all the peers that it goes to in a row. */
export class MessageEncoder {
  readonly #encoded = new Map<Message, Uint8Array>();
  readonly #storedBytes: (block: BlockEntry) => Uint8Array | null;

  /** `storedBytes`: of a block whose body is not in memory; null if it is lost. */
  constructor(storedBytes: (block: BlockEntry) => Uint8Array | null) {
    this.#storedBytes = storedBytes;
  }

  outgoing(message: Message, paddingBytes: number): Outgoing {
    const sizeBytes = message.kind === "block" ? message.sizeBytes + paddingBytes : message.sizeBytes;
    return { drawKey: message.drawKey, sizeBytes, bytes: () => this.#encode(message) };
  }

  #encode(message: Message): Uint8Array {
    const known = this.#encoded.get(message);
    if (known !== undefined) return known;
    if (message.kind === "block" && message.block.transactions === null) {
      // Old, so that nobody asks for it twice in a row.
      const { block, attempt } = message;
      const stored = this.#storedBytes(block);
      return stored === null ? encodeNotFound(block.hash, attempt) : encodeBlockMessage(attempt, stored);
    }
    const bytes = encodeMessage(message);
    const [oldest] = this.#encoded.keys();
    if (oldest !== undefined && this.#encoded.size >= ENCODED_COUNT_MAX) this.#encoded.delete(oldest);
    this.#encoded.set(message, bytes);
    return bytes;
  }
}

/** Bytes that are encoded already. */
export function outgoingBytes(bytes: Uint8Array, drawKey: number): Outgoing {
  return { drawKey, sizeBytes: bytes.length, bytes: () => bytes };
}
