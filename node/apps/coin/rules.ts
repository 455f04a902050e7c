import type { Hex } from "../../core/chain/types.ts";
import {
  type AppLedger,
  type Application,
  type AppOrigin,
  type AppRefusal,
  appRefusal,
} from "../../core/rules/application.ts";
import { type CoinTransfer, decodeCoinTransfer, isKeyName } from "./payload.ts";

/** Where the key is kept to which a name was bound. */
export function ownerRecord(name: string): string {
  return `owner ${name}`;
}

/** The account that a name means. */
export function accountOfName(name: string, addressOf: (label: string) => Hex): Hex {
  return isKeyName(name) ? name : addressOf(name);
}

function transfer(
  { from, to, amount }: CoinTransfer,
  { sender }: AppOrigin,
  ledger: AppLedger,
): AppRefusal | null {
  const owner = isKeyName(from) ? from : ledger.recordOf(ownerRecord(from));
  if (owner !== null && owner !== sender) return appRefusal("not-yours", { name: from, owner });
  const source = accountOfName(from, (label) => ledger.addressOf(label));
  const target = accountOfName(to, (label) => ledger.addressOf(label));
  if (!ledger.pay(source, target, amount)) {
    const balance = ledger.balanceOf(source).toString();
    return appRefusal("no-coins", { name: from, balance, amount: amount.toString() });
  }
  if (owner === null) ledger.setRecord(ownerRecord(from), sender);
  return null;
}

/**
 * Named accounts. Anyone can pay a name; the first who spends from it binds it to the key that signed, and from then on only this key spends.
 * Refusals: not-yours, no-coins.
 */
export const COIN: Application = {
  name: "coin",
  check: (payload) => decodeCoinTransfer(payload).fault,
  apply: (payload, origin, ledger) => {
    const { value, fault } = decodeCoinTransfer(payload);
    return value === null ? appRefusal("bad-payload", { fault }) : transfer(value, origin, ledger);
  },
};
