import type { TransactionFacts } from "../../../core/chain/transaction-facts.ts";
import type { Coins } from "../../../core/chain/types.ts";
import { nonceField, type RenderBlock } from "../../http/block-views.ts";
import { toCoins } from "../../http/coins.ts";
import { decodeCoinTransfer, MINT } from "../payload.ts";
import { COIN } from "../rules.ts";

/** A payment as the coin's clients see it, amount in coins; null of what moves none. */
export function paymentView({ tx }: TransactionFacts, unit: Coins) {
  const { body, sender } = tx;
  switch (body.kind) {
    case "coinbase":
      return body.amount > 0n
        ? { sender: MINT, recipient: sender, amount: toCoins(body.amount, unit) }
        : null;
    case "transfer":
      return { sender, recipient: body.recipient, amount: toCoins(body.amount, unit) };
    case "post":
      return null;
    case "app": {
      const transfer = body.app === COIN.name ? decodeCoinTransfer(body.payload).value : null;
      return transfer === null
        ? null
        : { sender: transfer.from, recipient: transfer.to, amount: toCoins(transfer.amount, unit) };
    }
  }
}

/** Blocks count from 1, and the reward stands last. */
export function coinView(unit: Coins): RenderBlock {
  return ({ header, hash }, transactions) => {
    const isGenesis = header.height === 0;
    const [coinbase, ...others] = transactions;
    const inOrder = coinbase === undefined ? [] : [...others, coinbase];
    return {
      index: header.height + 1,
      timestamp: header.timeMs / 1_000,
      transactions: inOrder.map((facts) => paymentView(facts, unit)).filter((payment) => payment !== null),
      proof: isGenesis ? 100 : nonceField(header.nonce),
      previous_hash: isGenesis ? "1" : header.parentHash,
      hash,
    };
  };
}
