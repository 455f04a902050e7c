import { NodeCrypto } from "../../node/adapters/node-crypto.ts";
import type { TransactionFacts } from "../../node/core/chain/transaction-facts.ts";
import type { Header, Transaction } from "../../node/core/chain/types.ts";
import type { ChainParameters } from "../../node/core/rules/parameters.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import { BlockTree } from "../../node/core/state/block-tree.ts";
import { invariant } from "../../node/core/support/invariant.ts";
import { aChain, aCoinbase, aHeader } from "./chain-fixtures.ts";

export interface BlockFields {
  readonly transactions?: readonly TransactionFacts[];
  readonly header?: Partial<Header>;
  /** Of the coinbase: another amount makes a block that only its body condemns. */
  readonly coinbase?: Partial<Transaction>;
}

/** A tree of a chain without proof of work, as a node of its own has it, or one that several views share. */
export function aTree(overrides: Partial<ChainParameters> = {}, viewCount = 1, linkCountMax = 32): BlockTree {
  const crypto = new NodeCrypto();
  const functions = {
    sha256: crypto.sha256.bind(crypto),
    verify: crypto.verify.bind(crypto),
  };
  return new BlockTree(aChain(overrides), { viewCount, linkCountMax }, functions);
}

/** Makes blocks in a tree of its own, so that a node's tree knows of them only what it is sent. */
export class BlockAuthor {
  readonly tree: BlockTree;
  #nonce = 0n;

  constructor(overrides: Partial<ChainParameters> = {}) {
    this.tree = aTree(overrides);
  }

  get genesis(): BlockEntry {
    return this.tree.genesis;
  }

  /** A child of `parent`, unlike any other; valid if its ancestors are and `fields` do not say otherwise. */
  child(parent: BlockEntry, fields: BlockFields = {}): BlockEntry {
    const { parameters } = this.tree;
    const { transactions = [], header = {}, coinbase = {} } = fields;
    const body = [aCoinbase(parameters, parent.header.height + 1, transactions, coinbase), ...transactions];
    const sealed = aHeader(parent, parameters, body, { nonce: ++this.#nonce, ...header });
    const entered = this.tree.enterMined(sealed, body);
    invariant(entered.ok, `the author made a bad header: ${entered.ok ? "" : entered.violation.code}`);
    return entered.block;
  }

  /** `count` blocks, one on top of the other, height ascending. */
  chain(parent: BlockEntry, count: number): BlockEntry[] {
    const blocks: BlockEntry[] = [];
    for (let top = parent; blocks.length < count; ) {
      top = this.child(top);
      blocks.push(top);
    }
    return blocks;
  }

  /** A block whose header is fine and whose coinbase pays too much. */
  greedyChild(parent: BlockEntry): BlockEntry {
    return this.child(parent, { coinbase: { body: { kind: "coinbase", amount: 51n } } });
  }
}
