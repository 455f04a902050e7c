import type { TransactionFacts } from "../../../core/chain/transaction-facts.ts";
import { canonicalField, nonceField, type RenderBlock } from "../../http/block-views.ts";
import type { BlockView } from "../../http/offered-block.ts";
import { payloadOf } from "../../http/pending.ts";
import { decodeBoardPost } from "../payload.ts";
import { BOARD } from "../rules.ts";

/** A post as the board's clients see it, time in seconds; null of any other transaction. */
export function postView(facts: TransactionFacts) {
  const payload = payloadOf(facts, BOARD.name);
  const post = payload === null ? null : decodeBoardPost(payload).value;
  return post === null
    ? null
    : { author: post.author, content: post.content, timestamp: post.timestampMs / 1_000 };
}

/** A block as they see it: posts and nothing else. Genesis is from before all time. */
const render: RenderBlock = (block, transactions) => {
  const { header, hash } = block;
  const isGenesis = header.height === 0;
  return {
    index: header.height,
    transactions: transactions.map(postView).filter((post) => post !== null),
    timestamp: isGenesis ? 0 : header.timeMs / 1_000,
    previous_hash: isGenesis ? "0" : header.parentHash,
    nonce: nonceField(header.nonce),
    hash,
    canonical: canonicalField(block, transactions),
  };
};

export const BOARD_VIEW: BlockView = {
  render,
  fields: ["index", "transactions", "timestamp", "previous_hash", "nonce", "hash"],
};
