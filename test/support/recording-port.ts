import type { Hex } from "../../node/core/chain/types.ts";
import type { Violation } from "../../node/core/rules/violation.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import type { ChainChange } from "../../node/core/state/fork-choice.ts";
import type { Message } from "../../node/core/state/messages.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import type { LinkIndex, NodePort, Notice } from "../../node/core/sync/node-port.ts";

export interface Sent {
  readonly link: LinkIndex;
  readonly message: Message;
}

/** A port that writes down what it is told, in order, and does nothing. */
export class RecordingPort implements NodePort {
  sent: Sent[] = [];
  /** The wish that stands. */
  wakeAtUs: Micros | null = null;
  readonly disconnected: { link: LinkIndex; reason: Violation["code"] }[] = [];
  readonly held: { block: BlockEntry; source: LinkIndex | null }[] = [];
  readonly refused: { hash: Hex; code: Violation["code"]; source: LinkIndex | null }[] = [];
  readonly notices: Notice[] = [];
  readonly tips: { tip: BlockEntry; previous: BlockEntry; change: ChainChange }[] = [];

  send(_view: number, link: LinkIndex, message: Message): void {
    this.sent.push({ link, message });
  }

  sendToMany(view: number, firstLink: LinkIndex, linkBits: number, message: Message): void {
    for (let bit = 0; bit < 32; bit++) if ((linkBits >>> bit) & 1) this.send(view, firstLink + bit, message);
  }

  wakeAt(_view: number, atUs: Micros): void {
    this.wakeAtUs = atUs;
  }

  disconnect(_view: number, link: LinkIndex, reason: Violation["code"]): void {
    this.disconnected.push({ link, reason });
  }

  blockHeld(_view: number, block: BlockEntry, source: LinkIndex | null): void {
    this.held.push({ block, source });
  }

  blockRefused(_view: number, hash: Hex, violation: Violation, source: LinkIndex | null): void {
    this.refused.push({ hash, code: violation.code, source });
  }

  noticed(_view: number, notice: Notice): void {
    this.notices.push(notice);
  }

  tipChanged(_view: number, tip: BlockEntry, previous: BlockEntry, change: ChainChange): void {
    this.tips.push({ tip, previous, change });
  }

  /** What was sent since the last call. */
  take(): Sent[] {
    const { sent } = this;
    this.sent = [];
    return sent;
  }
}
