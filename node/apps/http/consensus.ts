import type { NodeContext } from "../../adapters/http/node-context.ts";
import { catchUp } from "./wait-for.ts";

/**
 * Whether a node's chain was replaced, in the words of clients whose chains change only when they ask. This one's follows its peers all the time; so it is
 * replaced when, since it was asked last, it took blocks that others mined, or left blocks behind.
 */
export class Consensus {
  readonly #node: NodeContext;
  #seen;

  constructor(node: NodeContext) {
    this.#node = node;
    this.#seen = node.host.machine.tree.genesis;
  }

  async resolve(): Promise<boolean> {
    await catchUp(this.#node);
    const { tip } = this.#node.host.machine;
    const before = this.#seen;
    this.#seen = tip;
    let at = tip;
    for (; at !== before && at.parent !== null; at = at.parent)
      if (at.header.miner !== this.#node.host.minerAccount) return true;
    return at !== before;
  }
}
