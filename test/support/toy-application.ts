import { type Application, appRefusal } from "../../node/core/rules/application.ts";

/**
 * A till with records, as small as an application can be that uses all that one may: `put 5` and `take 5` move coins between the sender and
 * the till of the chain, `note key text` writes a record that from then on only its first writer may change, `clear key` takes it away.
 */
export const TILL: Application = {
  name: "till",
  check: (payload) =>
    /^(put|take) [1-9]\d*$|^note \w+ \w+$|^clear \w+$/.test(payload) ? null : "a word of the till expected",
  apply: (payload, { sender }, ledger) => {
    const [word = "", first = "", text = ""] = payload.split(" ");
    const till = ledger.addressOf("till");
    if (word === "put" || word === "take") {
      const [source, target] = word === "put" ? [sender, till] : [till, sender];
      // Written before the payment, so that a refusal has something to undo.
      ledger.setRecord("last", `${word} ${sender.slice(0, 4)}`);
      return ledger.pay(source, target, BigInt(first)) ? null : appRefusal("no-coins", { asked: first });
    }
    const [owner = sender] = ledger.recordOf(`note ${first}`)?.split(" ") ?? [];
    if (owner !== sender) return appRefusal("not-yours", { key: first });
    ledger.setRecord(`note ${first}`, word === "clear" ? null : `${sender} ${text}`);
    return null;
  },
};

export const TOY_APPLICATIONS = new Map([[TILL.name, TILL]]);
