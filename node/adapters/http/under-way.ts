import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Requests of each connection whose answers are not out yet. Node.js hands over every request that a packet holds, and a packet holds thousands: who
 * writes them and reads nothing would have as many answers wait in memory.
 */
export class UnderWay {
  readonly #max: number;
  readonly #counts = new WeakMap<Socket, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** False: there are too many, and the connection is ended. */
  enter({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const count = this.#counts.get(socket) ?? 0;
    if (count >= this.#max) {
      socket.destroy();
      return false;
    }
    this.#counts.set(socket, count + 1);
    response.once("close", () => this.#counts.set(socket, (this.#counts.get(socket) ?? 1) - 1));
    return true;
  }
}
