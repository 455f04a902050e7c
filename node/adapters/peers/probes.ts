import { ByteReader, ByteWriter } from "../../core/chain/bytes.ts";
import { FRAME_BYTES } from "../../core/machine/wire.ts";
import type { Micros } from "../../core/support/micros.ts";
import { murmur3 } from "../../core/support/prng.ts";
import type { ProbeOutcome } from "../../ports/peer-directory.ts";
import { type Outgoing, outgoingBytes } from "./outgoing.ts";

/**
 * Frames of the transport's own, which no protocol sees. A probe goes out over the shaped link; the peer sends a receipt past its shaper, so
 * that one direction can be seen alone, and an echo through its shaper, for the way there and back.
 */
export const PROBE_KIND = 0xf0;
const RECEIPT_KIND = 0xf1;
const ECHO_KIND = 0xf2;

/** Probes under way at once; an operator asks for one a link. */
const PENDING_COUNT_MAX = 256;

interface Pending {
  readonly sentUs: Micros;
  oneWayMs: number | null;
  readonly finish: (roundTripMs: number | null) => void;
}

/** How the frames of one link are sent back: shaped or past the shaper. */
export interface ProbeReply {
  readonly send: (item: Outgoing) => void;
  readonly sendUnshaped: (item: Outgoing) => void;
}

export class Probes {
  readonly #nowUs: () => Micros;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(nowUs: () => Micros) {
    this.#nowUs = nowUs;
  }

  /** Sends a probe and waits for what comes back, at most so long. */
  probe(send: (item: Outgoing) => void, deadlineMs: number): Promise<ProbeOutcome> {
    if (this.#pending.size >= PENDING_COUNT_MAX)
      return Promise.resolve({ reached: false, oneWayMs: null, roundTripMs: null });
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      const timer = setTimeout(() => pending.finish(null), deadlineMs);
      const pending: Pending = {
        sentUs: this.#nowUs(),
        oneWayMs: null,
        finish: (roundTripMs) => {
          clearTimeout(timer);
          this.#pending.delete(id);
          const { oneWayMs } = pending;
          resolve({ reached: oneWayMs !== null || roundTripMs !== null, oneWayMs, roundTripMs });
        },
      };
      this.#pending.set(id, pending);
      send(frame(PROBE_KIND, id, pending.sentUs));
    });
  }

  /** Takes a frame of kind 0xf0 and up. False if it is none of these. */
  onFrame(bytes: Uint8Array, reply: ProbeReply): boolean {
    const reader = new ByteReader(bytes);
    const kind = reader.u8();
    reader.u32();
    const decoded = reader.finish({ id: reader.u32(), atUs: Number(reader.u64()) });
    if (decoded.fault !== null) return false;
    const { id, atUs } = decoded.value;
    const nowUs = this.#nowUs();
    if (kind === PROBE_KIND) {
      reply.sendUnshaped(frame(RECEIPT_KIND, id, nowUs));
      reply.send(frame(ECHO_KIND, id, nowUs));
      return true;
    }
    const pending = this.#pending.get(id);
    if (kind === RECEIPT_KIND && pending !== undefined) pending.oneWayMs = (atUs - pending.sentUs) / 1_000;
    if (kind === ECHO_KIND && pending !== undefined) {
      pending.oneWayMs ??= (atUs - pending.sentUs) / 1_000;
      pending.finish((nowUs - pending.sentUs) / 1_000);
    }
    return kind === RECEIPT_KIND || kind === ECHO_KIND;
  }
}

function frame(kind: number, id: number, atUs: Micros): Outgoing {
  const payloadBytes = 4 + 8;
  const writer = new ByteWriter(FRAME_BYTES + payloadBytes);
  writer.u8(kind);
  writer.u32(payloadBytes);
  writer.u32(id);
  writer.u64(BigInt(atUs));
  return outgoingBytes(writer.finish(), murmur3(0, id, kind));
}
