import { decodePayload, text } from "../../node/apps/support/decode-payload.ts";
import { type Application, appRefusal } from "../../node/core/rules/application.ts";

interface Vote {
  readonly poll: string;
  readonly choice: string;
}

function decodeVote(payload: string) {
  return decodePayload<Vote>(payload, { poll: text(50), choice: text(50) });
}

/** Polls: every key has one vote in each, and the chain counts them. Refusals: voted. */
export const POLL: Application = {
  name: "poll",
  check: (payload) => decodeVote(payload).fault,
  apply: (payload, { sender }, ledger) => {
    const { value, fault } = decodeVote(payload);
    if (value === null) return appRefusal("bad-payload", { fault });
    const { poll, choice } = value;
    // Lengths before the names: neither can be written so that it looks like another.
    const ballot = `ballot ${poll.length} ${poll} ${sender}`;
    const counter = `count ${poll.length} ${poll} ${choice}`;
    if (ledger.recordOf(ballot) !== null) return appRefusal("voted", { poll });
    ledger.setRecord(ballot, choice);
    ledger.setRecord(counter, String(Number(ledger.recordOf(counter) ?? 0) + 1));
    return null;
  },
};
