import type { Micros } from "../../core/support/micros.ts";
import { murmur3 } from "../../core/support/prng.ts";
import type { ProbeOutcome } from "../../ports/peer-directory.ts";
import { type Outgoing, outgoingBytes } from "./outgoing.ts";
import {
  decodeProbeFrame,
  ECHO_KIND,
  encodeProbeFrame,
  ONE_WAY_KIND,
  PROBE_KIND,
  RECEIPT_KIND,
} from "./probe-frames.ts";

/** Probes under way at once; an operator asks for one or two a link. */
const PENDING_COUNT_MAX = 256;

interface Pending {
  readonly kind: typeof PROBE_KIND | typeof ONE_WAY_KIND;
  readonly sentUs: Micros;
  arrivedUs: Micros | null;
  readonly finish: (returnedUs: Micros | null) => void;
}

/** What became of a probe; null is what was not heard of by the deadline. */
interface Heard {
  readonly sentUs: Micros;
  /** By the peer's clock. */
  readonly arrivedUs: Micros | null;
  readonly returnedUs: Micros | null;
}

/** How the frames of one link are sent back: shaped or past the shaper. */
export interface ProbeReply {
  readonly send: (item: Outgoing) => void;
  readonly sendUnshaped: (item: Outgoing) => void;
}

/** Sends probes, answers those of peers, and hears what becomes of its own. */
export class Probes {
  readonly #nowUs: () => Micros;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(nowUs: () => Micros) {
    this.#nowUs = nowUs;
  }

  /** Sends a probe and waits for what comes back, at most so long. */
  async probe(send: (item: Outgoing) => void, deadlineMs: number): Promise<ProbeOutcome> {
    const { sentUs, arrivedUs, returnedUs } = await this.#send(PROBE_KIND, send, deadlineMs);
    const sinceSentMs = (atUs: Micros | null) => (atUs === null ? null : (atUs - sentUs) / 1_000);
    return {
      reached: arrivedUs !== null,
      oneWayMs: sinceSentMs(arrivedUs),
      roundTripMs: sinceSentMs(returnedUs),
    };
  }

  /** Sends a probe that draws as a message with this key, counts as so many bytes, and brings no answer over the peer's shaped link. */
  async oneWay(
    send: (item: Outgoing) => void,
    as: { readonly drawKey: number; readonly sizeBytes: number },
    deadlineMs: number,
  ): Promise<Omit<Heard, "returnedUs">> {
    return await this.#send(ONE_WAY_KIND, (item) => send({ ...item, ...as }), deadlineMs);
  }

  /** Takes a frame of the transport's own. False if it is none that is known. */
  onFrame(bytes: Uint8Array, reply: ProbeReply): boolean {
    const frame = decodeProbeFrame(bytes);
    if (frame === null) return false;
    const { kind, id, atUs } = frame;
    const nowUs = this.#nowUs();
    switch (kind) {
      case PROBE_KIND:
        reply.sendUnshaped(outgoing(RECEIPT_KIND, id, nowUs));
        reply.send(outgoing(ECHO_KIND, id, nowUs));
        return true;
      case ONE_WAY_KIND:
        reply.sendUnshaped(outgoing(RECEIPT_KIND, id, nowUs));
        return true;
      case RECEIPT_KIND:
      case ECHO_KIND:
        this.#answered(kind, id, atUs, nowUs);
        return true;
      default:
        return false;
    }
  }

  /** An answer to what is not waited for any more, or never was, changes nothing. */
  #answered(kind: number, id: number, atUs: Micros, nowUs: Micros): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    pending.arrivedUs ??= atUs;
    if (kind === ECHO_KIND) pending.finish(nowUs);
    else if (pending.kind === ONE_WAY_KIND) pending.finish(null);
  }

  #send(kind: Pending["kind"], send: (item: Outgoing) => void, deadlineMs: number): Promise<Heard> {
    const sentUs = this.#nowUs();
    if (this.#pending.size >= PENDING_COUNT_MAX)
      return Promise.resolve({ sentUs, arrivedUs: null, returnedUs: null });
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      const timer = setTimeout(() => pending.finish(null), deadlineMs);
      const pending: Pending = {
        kind,
        sentUs,
        arrivedUs: null,
        finish: (returnedUs) => {
          clearTimeout(timer);
          this.#pending.delete(id);
          resolve({ sentUs, arrivedUs: pending.arrivedUs, returnedUs });
        },
      };
      this.#pending.set(id, pending);
      send(outgoing(kind, id, sentUs));
    });
  }
}

function outgoing(kind: number, id: number, atUs: Micros): Outgoing {
  return outgoingBytes(encodeProbeFrame({ kind, id, atUs }), murmur3(0, id, kind));
}
