import fc from "fast-check";
import { encodeMessage } from "../../node/core/machine/wire.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import {
  type Message,
  makeBlockMessage,
  makeCompact,
  makeGetHeaders,
  makeHeaders,
  makeMissing,
  makeRequestMissing,
  makeTransactionNames,
  makeTransactions,
  prefill,
} from "../../node/core/state/messages.ts";
import type { FuzzedNode } from "./fuzz-node.ts";

/** Frames that a peer of this chain might send, whole. */
function wholeFrames({ blocks }: FuzzedNode): Uint8Array[] {
  const mined = blocks.slice(1);
  const transactions = mined.flatMap((block) => (block.transactions ?? []).slice(1));
  const hashes = blocks.map(({ hash }) => hash).toReversed();
  const messages = [
    ...mined.flatMap((block) => [
      block.announcement,
      block.request,
      makeBlockMessage("block", block, 0),
      makeBlockMessage("not-found", block, 1),
      ...compactFrames(block),
    ]),
    makeHeaders(mined),
    makeGetHeaders(hashes),
    makeTransactions(transactions),
    makeTransactionNames(
      "announce-transactions",
      transactions.map(({ id }) => id),
    ),
    makeTransactionNames(
      "request-transactions",
      transactions.map(({ id }) => id),
    ),
  ];
  return messages.map(encodeMessage);
}

/** A block as short ids, with more and fewer of its transactions whole, what is asked of it, and the answer. */
function compactFrames(block: BlockEntry): Message[] {
  const transactions = block.transactions ?? [];
  const positions = transactions.slice(1).map((_, index) => index + 1);
  const compact = makeCompact(block, transactions);
  return [
    compact,
    prefill(compact, transactions, positions.slice(0, 1)),
    prefill(compact, transactions, positions),
    makeRequestMissing(block, positions),
    makeMissing(block, transactions.slice(1)),
  ];
}

/** What a peer posts after its hello: real messages, real messages with bytes changed, cut or lengthened, and bytes of no meaning. */
export function anyBatch(fuzzed: FuzzedNode): fc.Arbitrary<Uint8Array> {
  const whole = fc.constantFrom(...wholeFrames(fuzzed));
  const change = fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) });
  const changed = fc
    .tuple(whole, fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([frame, changes, keepsFrame]) => {
      const copy = frame.slice();
      // Past kind and length, so that the change is not just one of the frame.
      const first = keepsFrame && copy.length > 5 ? 5 : 0;
      for (const { at, byte } of changes) copy[first + (at % (copy.length - first))] = byte;
      return copy;
    });
  const resized = fc.tuple(whole, fc.nat({ max: 40 }), fc.boolean()).map(([frame, by, isCut]) => {
    const length = Math.max(5, isCut ? frame.length - by : frame.length + by);
    const copy = new Uint8Array(length);
    copy.set(frame.subarray(0, length));
    new DataView(copy.buffer).setUint32(1, length - 5);
    return copy;
  });
  const counted = fc
    .tuple(fc.nat({ max: 255 }), fc.nat({ max: 0xffff_ffff }), fc.uint8Array({ maxLength: 60 }))
    .map(([kind, count, rest]) => {
      const copy = new Uint8Array(9 + rest.length);
      copy[0] = kind;
      new DataView(copy.buffer).setUint32(1, 4 + rest.length);
      new DataView(copy.buffer).setUint32(5, count);
      copy.set(rest, 9);
      return copy;
    });
  const frame = fc.oneof(whole, changed, resized, counted, fc.uint8Array({ maxLength: 80 }));
  return fc.array(frame, { maxLength: 6 }).map((frames) => new Uint8Array(Buffer.concat(frames)));
}
