import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";
import { encodeMessage, encodeNotFound } from "../../core/machine/wire.ts";
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
  readonly #loadBody: (block: BlockEntry) => readonly TransactionFacts[] | null;

  /** `loadBody` has a body in memory afterwards, or gives null: it may have been let go while the message waited for its time. */
  constructor(loadBody: (block: BlockEntry) => readonly TransactionFacts[] | null) {
    this.#loadBody = loadBody;
  }

  outgoing(message: Message, paddingBytes: number): Outgoing {
    const sizeBytes = message.kind === "block" ? message.sizeBytes + paddingBytes : message.sizeBytes;
    return { drawKey: message.drawKey, sizeBytes, bytes: () => this.#encode(message) };
  }

  #encode(message: Message): Uint8Array {
    const known = this.#encoded.get(message);
    if (known !== undefined) return known;
    if (message.kind === "block" && this.#loadBody(message.block) === null)
      return encodeNotFound(message.block.hash, message.attempt);
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
