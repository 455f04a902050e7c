import { decodeMessage, encodeMessage } from "../../node/core/machine/wire.ts";
import type { Message } from "../../node/core/state/messages.ts";
import type { Simulation } from "../../runner/backends/sim/simulation.ts";
import type { BlockAuthor } from "../support/mined-blocks.ts";
import type { Foe } from "./foe.ts";

/** A hostile node of a simulation: its own protocol is mute, and what it says goes over the simulated link to its victim. */
export class SimFoe implements Foe {
  readonly author: BlockAuthor;
  readonly got = new Map<Message["kind"], number>();
  readonly floodRatio = 0.2;
  answer: Foe["answer"] = () => [];
  readonly #simulation: Simulation;
  readonly #node: number;
  readonly #victim: number;
  readonly #send: Simulation["transport"]["send"];

  constructor(simulation: Simulation, node: number, victim: number, author: BlockAuthor) {
    this.author = author;
    this.#simulation = simulation;
    this.#node = node;
    this.#victim = victim;
    const { transport, links } = simulation;
    this.#send = transport.send.bind(transport);
    const sendToMany = transport.sendToMany.bind(transport);
    transport.send = (view, link, message) => {
      if (view === node) return;
      this.#send(view, link, message);
      if (links.peerOf(view, link).peer === node) this.#hear(message);
    };
    transport.sendToMany = (view, firstLink, linkBits, message) => {
      if (view !== node) sendToMany(view, firstLink, linkBits, message);
    };
  }

  get isLinked(): boolean {
    const { links, tree } = this.#simulation;
    const { peerLink } = links.peerOf(this.#node, this.#link());
    return ((tree.linksUp[this.#victim * tree.columns.maskWords] as number) >>> peerLink) % 2 === 1;
  }

  async send(...batches: readonly (readonly Uint8Array[])[]): Promise<void> {
    for (const frame of batches.flat()) this.#say(frame);
    // Until all of it has arrived.
    this.#simulation.runUntil(this.#simulation.nowUs + 1_000_000);
  }

  /** As at the edge of a live node: what breaks a rule of headers never becomes a message. */
  #say(frame: Uint8Array): void {
    const { tree, hosts, links, nowUs } = this.#simulation;
    const decoded = decodeMessage(frame, tree);
    if (decoded.type === "message") this.#send(this.#node, this.#link(), decoded.message);
    if (decoded.type === "violation") {
      const { peerLink } = links.peerOf(this.#node, this.#link());
      hosts[this.#victim]?.badMessage(peerLink, decoded.hash, decoded.violation, nowUs);
    }
  }

  #hear(message: Message): void {
    this.got.set(message.kind, (this.got.get(message.kind) ?? 0) + 1);
    for (const frame of this.answer(encodeMessage(message))) this.#say(frame);
  }

  /** The foe's link to its victim. */
  #link(): number {
    const { links } = this.#simulation;
    for (let link = 0; link < links.linkCount(this.#node); link++)
      if (links.peerOf(this.#node, link).peer === this.#victim) return link;
    throw new Error("the foe is not linked with its victim");
  }
}
