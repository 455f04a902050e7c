import type { NodeContext } from "../../../adapters/http/node-context.ts";
import { type BytesReply, type Reply, refusal } from "../../../adapters/http/reply.ts";
import type { BlockEntry } from "../../../core/state/block-entry.ts";
import { unitOf } from "../../http/coins.ts";
import { betView } from "./views.ts";

/** Bets of one answer: the newest, of more than anyone has. */
const FOUND_COUNT_MAX = 10_000;

/** Answers that are kept as long as the tip stays. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

/** The bets in blocks that are found under a label, in the order of the chain. */
export class FoundBets {
  readonly #node: NodeContext;
  readonly #kept = new Map<string, BytesReply>();
  #keptBytes = 0;
  #tip: BlockEntry | null = null;

  constructor(node: NodeContext) {
    this.#node = node;
  }

  reply(label: string): Reply<never> {
    const { tip } = this.#node.host.machine;
    if (this.#node.queries.isBehind) return refusal("index-behind");
    if (this.#tip !== tip) {
      this.#kept.clear();
      this.#keptBytes = 0;
      this.#tip = tip;
    }
    const kept = this.#kept.get(label);
    if (kept !== undefined) return kept;
    const made = this.#make(label);
    if (made === null) return refusal("damaged-block");
    this.#keptBytes += made.body.length;
    if (this.#keptBytes <= KEPT_BYTES_MAX) this.#kept.set(label, made);
    return made;
  }

  #make(label: string): BytesReply | null {
    const { queries } = this.#node;
    const bets = [];
    for (const { block, index } of queries.historyOf(label, null, FOUND_COUNT_MAX).places) {
      const facts = queries.bodyOf(block)?.[index];
      if (facts === undefined) return null;
      bets.push(betView(facts, unitOf(this.#node)));
    }
    return { kind: "bytes", body: Buffer.from(JSON.stringify(bets.reverse())) };
  }
}
