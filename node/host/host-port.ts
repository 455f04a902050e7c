import type { Hex } from "../core/chain/types.ts";
import type { Violation } from "../core/rules/violation.ts";
import type { BlockEntry } from "../core/state/block-entry.ts";
import type { ChainChange } from "../core/state/fork-choice.ts";
import type { Message } from "../core/state/messages.ts";
import type { Micros } from "../core/support/micros.ts";
import type { LinkIndex, NodePort, Notice } from "../core/sync/node-port.ts";
import type { Alarm } from "../ports/alarm.ts";
import type { ChainStore } from "../ports/chain-store.ts";
import type { Miner } from "../ports/miner.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { Transport } from "../ports/transport.ts";

export interface HostPorts {
  readonly transport: Transport;
  readonly alarm: Alarm;
  readonly store: ChainStore;
  readonly miner: Miner;
  readonly telemetry: Telemetry;
}

/**
 * What the protocol wants done, for all nodes that share these ports: passed on to whoever does it. It keeps nothing of any node, so that
 * a message on its way out touches no object of its sender.
 */
export class HostPort implements NodePort {
  readonly #transport: Transport;
  readonly #alarm: Alarm;
  readonly #store: ChainStore;
  readonly #miner: Miner;
  readonly #telemetry: Telemetry;

  constructor({ transport, alarm, store, miner, telemetry }: HostPorts) {
    this.#transport = transport;
    this.#alarm = alarm;
    this.#store = store;
    this.#miner = miner;
    this.#telemetry = telemetry;
  }

  send(view: number, link: LinkIndex, message: Message): void {
    this.#transport.send(view, link, message);
  }

  sendToMany(view: number, firstLink: LinkIndex, linkBits: number, message: Message): void {
    this.#transport.sendToMany(view, firstLink, linkBits, message);
  }

  wakeAt(view: number, atUs: Micros): void {
    this.#alarm.wakeAt(view, atUs);
  }

  disconnect(view: number, link: LinkIndex, reason: Violation["code"]): void {
    this.#transport.disconnect(view, link, reason);
  }

  blockHeld(view: number, block: BlockEntry, source: LinkIndex | null, nowUs: Micros): void {
    this.#store.append(view, block);
    if (source !== null) this.#telemetry.blockReceived(view, block, nowUs);
  }

  blockRefused(view: number, hash: Hex, violation: Violation, source: LinkIndex | null, nowUs: Micros): void {
    this.#telemetry.blockRefused(view, hash, violation, source, nowUs);
  }

  noticed(view: number, notice: Notice, nowUs: Micros): void {
    this.#telemetry.noticed(view, notice, nowUs);
    if (notice.kind === "peer-passed-over") this.#transport.passedOver(view, notice.link);
  }

  tipChanged(view: number, tip: BlockEntry, previous: BlockEntry, change: ChainChange, nowUs: Micros): void {
    this.#telemetry.tipChanged(view, tip, previous, change, nowUs);
    this.#miner.tipChanged(view, tip);
  }
}
