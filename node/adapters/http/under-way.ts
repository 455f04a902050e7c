import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What may wait for readers who do not read. */
export interface UnderWayLimits {
  /** Requests of one connection that wait for their answers; one more ends it. */
  readonly requestsUnderWayMax: number;
  /** Bytes of answers that wait for their readers, all together; beyond them those who were answered first are cut off. */
  readonly unreadBytesMax: number;
}

/**
 * The requests whose answers are not out yet. Node.js hands over every request that a packet holds, and a packet holds thousands: who writes them and reads
 * nothing would have as many answers wait in memory, and so would who opens many connections.
 */
export class UnderWay {
  readonly #limits: UnderWayLimits;
  readonly #counts = new WeakMap<Socket, number>();
  /** The first asked first. */
  readonly #responses = new Set<ServerResponse>();

  constructor(limits: UnderWayLimits) {
    this.#limits = limits;
  }

  /** False: there are too many on this connection, and it is ended. */
  enter({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const count = this.#counts.get(socket) ?? 0;
    if (count >= this.#limits.requestsUnderWayMax) {
      socket.destroy();
      return false;
    }
    this.#counts.set(socket, count + 1);
    this.#responses.add(response);
    response.once("close", () => {
      this.#counts.set(socket, (this.#counts.get(socket) ?? 1) - 1);
      this.#responses.delete(response);
    });
    return true;
  }

  /** Cuts off those for whom answers wait longest, until no more waits than may. To be called now and then. */
  cutOff(): void {
    let unreadBytes = 0;
    for (const { writableLength } of this.#responses) unreadBytes += writableLength;
    for (const response of this.#responses) {
      if (unreadBytes <= this.#limits.unreadBytesMax) return;
      if (response.writableLength === 0) continue;
      unreadBytes -= response.writableLength;
      response.destroy();
    }
  }
}
