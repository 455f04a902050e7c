import { expect } from "vitest";
import { NodeMachine } from "../../node/core/machine/node-machine.ts";
import { Protocol } from "../../node/core/machine/protocol.ts";
import { decodeMessage, encodeMessage, encodeNotFound } from "../../node/core/machine/wire.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import type { BlockTree } from "../../node/core/state/block-tree.ts";
import type { Message } from "../../node/core/state/messages.ts";
import { invariant } from "../../node/core/support/invariant.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import { expectSettledUntouched, START_US } from "./lone-machine.ts";
import { aTree, type BlockAuthor } from "./mined-blocks.ts";
import { RecordingPort } from "./recording-port.ts";

/** A stranger plays no machine: it announces what it is told to and serves what its author made, valid or not. */
const STRANGER_LINK = 31;

/** How long a message takes, by link of the sender, so that no two arrive at once by accident. */
function delayUs(link: number): Micros {
  return 10_000 + 1_371 * link;
}

interface Due {
  readonly atUs: Micros;
  readonly order: number;
  readonly run: () => void;
}

/**
 * A few machines, each linked with every other, in virtual time. `shared`: over one tree and one protocol, messages passed on as they are, as in the
 * simulator. `own`: each over a tree of its own, messages passed on as bytes, as between live nodes.
 */
export class MachineNetwork {
  readonly machines: NodeMachine[] = [];
  /** What happened, in words: equal for networks that behave the same. */
  readonly log: string[] = [];
  nowUs: Micros = START_US;
  readonly #trees: BlockTree[];
  readonly #author: BlockAuthor;
  readonly #wakes: (Micros | null)[];
  readonly #cut = new Set<string>();
  #due: Due[] = [];
  #order = 0;

  constructor(kind: "shared" | "own", count: number, author: BlockAuthor) {
    this.#author = author;
    const shared = aTree({}, count);
    this.#trees = Array.from({ length: count }, () => (kind === "shared" ? shared : aTree()));
    this.#wakes = new Array<Micros | null>(count).fill(null);
    const settings = { relay: "announce", mempoolBytesMax: 10_000 } as const;
    const sharedProtocol = new Protocol(
      shared,
      this.#portOf((view) => view),
      settings,
    );
    for (let node = 0; node < count; node++) {
      const ownProtocol = () =>
        new Protocol(
          this.#treeOf(node),
          this.#portOf(() => node),
          settings,
        );
      this.machines.push(
        kind === "shared" ? new NodeMachine(sharedProtocol, node) : new NodeMachine(ownProtocol(), 0),
      );
    }
    this.machines.forEach((machine, node) => {
      for (let link = 0; link < count; link++) if (link !== node) machine.linkUp(link, this.nowUs);
      machine.linkUp(STRANGER_LINK, this.nowUs);
    });
  }

  machine(node: number): NodeMachine {
    return this.machines[node % this.machines.length] as NodeMachine;
  }

  /** The node makes the author's block its own: as if it had mined it. */
  mine(node: number, block: BlockEntry): void {
    const index = node % this.machines.length;
    this.machine(index).mined(this.#enter(index, block), this.nowUs);
  }

  /** The stranger tells a node of a block. */
  announce(node: number, block: BlockEntry): void {
    this.#make(block);
    this.#strangerSends(node % this.machines.length, () => block.announcement);
  }

  /** The stranger sends a body that nobody asked for. */
  push(node: number, block: BlockEntry): void {
    this.#make(block);
    this.#strangerSends(node % this.machines.length, () => block.delivery);
  }

  /** Both ends notice that the link between two nodes is gone, or back. */
  setLink(a: number, b: number, up: boolean): void {
    const [first, second] = [a % this.machines.length, b % this.machines.length];
    if (first === second) return;
    for (const [from, to] of [
      [first, second],
      [second, first],
    ] as const) {
      const key = `${from}>${to}`;
      if (this.#cut.has(key) !== up) continue;
      if (up) this.#cut.delete(key);
      else this.#cut.add(key);
      if (up) this.machine(from).linkUp(to, this.nowUs);
      else this.machine(from).linkDown(to, this.nowUs);
    }
  }

  /** Runs what is due within this time; everything that is to come when it is infinite. */
  run(durationUs: Micros): void {
    const endUs = this.nowUs + durationUs;
    for (let turn = 0; ; turn++) {
      invariant(turn < 100_000, "the network never comes to rest");
      const next = this.#due.reduce<Due | null>(
        (first, each) => (first === null || isBefore(each, first) ? each : first),
        null,
      );
      if (next === null || next.atUs > endUs) break;
      this.#due = this.#due.filter((each) => each !== next);
      this.nowUs = next.atUs;
      next.run();
    }
    if (Number.isFinite(endUs)) this.nowUs = endUs;
  }

  expectAtRest(): void {
    for (const { unfinished } of this.machines)
      expect([unfinished.inFlightCount, unfinished.waitingCount]).toEqual([0, 0]);
    for (const tree of this.#trees) expectSettledUntouched(tree);
  }

  #portOf(nodeOf: (view: number) => number): RecordingPort {
    const port = new RecordingPort();
    port.send = (view, link, message) => this.#send(nodeOf(view), link, message);
    port.wakeAt = (view, atUs) => this.#wakeAt(nodeOf(view), atUs);
    port.disconnect = (view, link, reason) => {
      const node = nodeOf(view);
      this.#note(node, `disconnect ${link} ${reason}`);
      this.#schedule(this.nowUs, () => this.machine(node).linkDown(link, this.nowUs));
      // The stranger comes back under another name; nodes are honest, so nobody ever ends a link to one.
      invariant(link === STRANGER_LINK, `node ${node} blames node ${link}: ${reason}`);
      this.#schedule(this.nowUs + 1, () => this.machine(node).linkUp(link, this.nowUs));
    };
    port.blockHeld = (view, block, source) => this.#note(nodeOf(view), `held ${block.hash} from ${source}`);
    port.blockRefused = (view, hash, violation, source) =>
      this.#note(nodeOf(view), `refused ${hash} ${violation.code} from ${source}`);
    port.tipChanged = (view, tip, previous) =>
      this.#note(nodeOf(view), `tip ${tip.hash} after ${previous.hash}`);
    return port;
  }

  #wakeAt(node: number, atUs: Micros): void {
    this.#wakes[node] = atUs;
    this.#schedule(atUs, () => {
      if (this.#wakes[node] !== atUs) return;
      this.#wakes[node] = null;
      this.machine(node).wake(this.nowUs);
    });
  }

  #send(source: number, link: number, message: Message): void {
    const about = "block" in message ? message.block.hash : "";
    this.#note(source, `send ${link} ${message.kind} ${about} ${message.sizeBytes}`);
    if (link === STRANGER_LINK) {
      if (message.kind === "request") this.#serve(source, message.block.hash);
      return;
    }
    const key = `${source}>${link}`;
    if (this.#cut.has(key)) return;
    const bytes = encodeMessage(message);
    expect(bytes.length).toBe(message.sizeBytes);
    this.#schedule(this.nowUs + delayUs(link), () => {
      if (!this.#cut.has(key)) this.#deliver(link, source, message, bytes);
    });
  }

  #deliver(node: number, link: number, message: Message, bytes: Uint8Array): void {
    const tree = this.#treeOf(node);
    if (this.#isShared()) {
      this.machine(node).onMessage(link, message, this.nowUs);
      return;
    }
    const decoded = decodeMessage(bytes, tree);
    if (decoded.type === "message") this.machine(node).onMessage(link, decoded.message, this.nowUs);
    else if (decoded.type === "unknown-block" && decoded.kind === "request") {
      const answer = encodeNotFound(decoded.hash, decoded.attempt);
      this.#schedule(this.nowUs + delayUs(link), () => this.#deliver(link, node, message, answer));
    } else invariant(decoded.type === "unknown-block", `an honest node sent ${JSON.stringify(decoded)}`);
  }

  /** From the stranger: what a tree refuses at the edge a host refuses in the same words. */
  #strangerSends(node: number, messageOf: () => Message | null): void {
    this.#schedule(this.nowUs + delayUs(STRANGER_LINK), () => {
      const message = messageOf();
      invariant(message !== null && "block" in message, "the stranger speaks of blocks");
      const tree = this.#treeOf(node);
      const decoded = decodeMessage(encodeMessage(message), tree);
      if (decoded.type === "message")
        this.machine(node).onMessage(STRANGER_LINK, decoded.message, this.nowUs);
      else if (decoded.type === "violation") this.#portRefuse(node, decoded.hash, decoded.violation.code);
    });
  }

  #portRefuse(node: number, hash: string, code: string): void {
    this.#note(node, `refused ${hash} ${code} from ${STRANGER_LINK}`);
    this.#note(node, `disconnect ${STRANGER_LINK} ${code}`);
    this.#schedule(this.nowUs, () => this.machine(node).linkDown(STRANGER_LINK, this.nowUs));
    this.#schedule(this.nowUs + 1, () => this.machine(node).linkUp(STRANGER_LINK, this.nowUs));
  }

  #serve(node: number, hash: string): void {
    const block = this.#author.tree.get(hash);
    invariant(block !== null, "a node asks the stranger for a block that it never named");
    this.#strangerSends(node, () => block.delivery);
  }

  /** Whoever makes a block in the simulator enters it there and then, before anyone has judged it or its parent. */
  #make(block: BlockEntry): void {
    if (this.#isShared()) this.#enter(0, block);
  }

  #enter(node: number, block: BlockEntry): BlockEntry {
    const entered = this.#treeOf(node).enterMined(block.header, block.transactions ?? []);
    invariant(entered.ok, "a miner made a bad block");
    return entered.block;
  }

  #isShared(): boolean {
    return this.#trees[0] === this.#trees[1];
  }

  #treeOf(node: number): BlockTree {
    return this.#trees[node] as BlockTree;
  }

  #schedule(atUs: Micros, run: () => void): void {
    this.#due.push({ atUs, order: this.#order++, run });
  }

  #note(node: number, what: string): void {
    this.log.push(`${this.nowUs - START_US} node ${node} ${what}`);
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
