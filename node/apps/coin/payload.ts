import type { Decoded } from "../../core/chain/bytes.ts";
import type { Coins } from "../../core/chain/types.ts";
import { amount, decodePayload, type Field, text } from "../support/decode-payload.ts";
import { NAME_LENGTH_MAX } from "../support/labels.ts";

/** Coins from one name to another. */
export interface CoinTransfer {
  readonly from: string;
  readonly to: string;
  /** In smallest units. */
  readonly amount: Coins;
}

/** Who pays the finder of a block, in the words of the clients: no account, so nobody spends from it. */
export const MINT = "0";

export function decodeCoinTransfer(payload: string): Decoded<CoinTransfer> {
  return decodePayload<CoinTransfer>(payload, {
    from: spender,
    to: text(NAME_LENGTH_MAX),
    amount: amount(),
  });
}

const plainName = text(NAME_LENGTH_MAX);
const spender: Field<string> = {
  decode: (value) => (value === MINT ? null : plainName.decode(value)),
  expected: `${plainName.expected}, other than ${MINT}, which stands for rewards`,
};

/** A name that is a public key means that key's own account. */
export function isKeyName(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}
