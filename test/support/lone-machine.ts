import { expect } from "vitest";
import type { ProtocolSettings } from "../../node/core/machine/best-chain.ts";
import { NodeMachine } from "../../node/core/machine/node-machine.ts";
import { Protocol } from "../../node/core/machine/protocol.ts";
import type { ChainParameters } from "../../node/core/rules/parameters.ts";
import { HELD } from "../../node/core/state/belief-columns.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import type { BlockTree } from "../../node/core/state/block-tree.ts";
import { type BlockMessage, makeBlockMessage, makeHeaders } from "../../node/core/state/messages.ts";
import { invariant } from "../../node/core/support/invariant.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import type { LinkIndex } from "../../node/core/sync/node-port.ts";
import { aTree, BlockAuthor } from "./mined-blocks.ts";
import { RecordingPort } from "./recording-port.ts";

/** The genesis time of the test chain and a day: no block of a test is from the future. */
export const START_US: Micros = 1_700_086_400_000_000;

/** One machine whose peers are the test: it plays their part by hand, and reads what the machine sends them. */
export class LoneMachine {
  readonly author: BlockAuthor;
  readonly tree: BlockTree;
  readonly port = new RecordingPort();
  readonly machine: NodeMachine;
  nowUs: Micros = START_US;

  constructor(settings: Partial<ProtocolSettings> = {}, chain: Partial<ChainParameters> = {}) {
    this.author = new BlockAuthor(chain);
    this.tree = aTree(chain);
    const defaults = { relay: "announce", mempoolBytesMax: 100_000 } as const;
    this.machine = new NodeMachine(new Protocol(this.tree, this.port, { ...defaults, ...settings }), 0);
  }

  /** The machine's own entry of a block that the author made; its header only. */
  entryOf(block: BlockEntry): BlockEntry {
    const entered = this.tree.enterHeader(block.header);
    invariant(entered.ok, `header refused: ${entered.ok ? "" : entered.violation.code}`);
    return entered.block;
  }

  linkUp(...links: LinkIndex[]): void {
    for (const link of links) this.machine.linkUp(link, this.nowUs);
  }

  announce(link: LinkIndex, block: BlockEntry): void {
    this.machine.onMessage(link, this.entryOf(block).announcement, this.nowUs);
  }

  headers(link: LinkIndex, blocks: readonly BlockEntry[]): void {
    const entries = blocks.map((block) => this.entryOf(block));
    this.machine.onMessage(link, makeHeaders(entries), this.nowUs);
  }

  body(link: LinkIndex, block: BlockEntry): void {
    const entry = this.entryOf(block);
    expect(this.tree.attachBody(entry, block.transactions ?? [])).toBeNull();
    this.machine.onMessage(link, makeBlockMessage("block", entry, 0), this.nowUs);
  }

  notFound(link: LinkIndex, block: BlockEntry, attempt = 0): void {
    this.machine.onMessage(link, makeBlockMessage("not-found", this.entryOf(block), attempt), this.nowUs);
  }

  /** Time passes; the machine is woken when it asked for that. */
  passUs(durationUs: Micros): void {
    const endUs = this.nowUs + durationUs;
    for (let atUs = this.port.wakeAtUs; atUs !== null && atUs <= endUs; atUs = this.port.wakeAtUs) {
      this.nowUs = Math.max(this.nowUs, atUs);
      this.port.wakeAtUs = null;
      this.machine.wake(this.nowUs);
    }
    this.nowUs = endUs;
  }

  /** Requests of bodies since the last look. */
  takeRequests(): { link: LinkIndex; hash: string; attempt: number }[] {
    return this.port
      .take()
      .flatMap(({ link, message }) =>
        message.kind === "request"
          ? [{ link, hash: message.block.hash, attempt: (message as BlockMessage).attempt }]
          : [],
      );
  }

  /**
   * Answers the machine's requests with the bodies of these blocks until it asks for nothing more; links in `silent` never answer, and time
   * goes on when only they were asked. Gives the links that served, by hash.
   */
  serve(blocks: readonly BlockEntry[], silent: ReadonlySet<LinkIndex> = new Set()): Map<string, LinkIndex> {
    const byHash = new Map(blocks.map((block) => [block.hash, block]));
    const servers = new Map<string, LinkIndex>();
    for (let turn = 0; turn < 10_000; turn++) {
      const requests = this.takeRequests();
      if (requests.length === 0 && this.machine.unfinished.inFlightCount === 0) return servers;
      if (requests.length === 0) this.passUs(10_000_000);
      for (const { link, hash, attempt } of requests) {
        if (silent.has(link)) continue;
        const block = byHash.get(hash);
        if (block === undefined) {
          const entry = this.tree.get(hash);
          invariant(entry !== null, "the machine asked for a block that it does not know");
          this.notFound(link, entry, attempt);
          continue;
        }
        servers.set(hash, link);
        this.body(link, block);
      }
    }
    throw new Error("the machine never stopped asking");
  }

  status(block: BlockEntry): number | undefined {
    return this.tree.get(block.hash)?.beliefs.status[0];
  }

  /** What must be true when nothing is under way any more. */
  expectAtRest(tip: BlockEntry): void {
    expect(this.machine.tip.hash).toBe(tip.hash);
    expect(this.machine.unfinished.inFlightCount).toBe(0);
    expect(this.machine.unfinished.waitingCount).toBe(0);
    expectSettledUntouched(this.tree);
  }
}

/** Nobody may write to the column that all settled blocks share. */
export function expectSettledUntouched(tree: BlockTree): void {
  const { settled } = tree.columns;
  expect(settled.status.every((status) => status === HELD)).toBe(true);
  expect(settled.known.every((word) => word === 0xffff_ffff)).toBe(true);
}
