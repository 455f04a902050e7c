import { U64_MAX } from "../chain/bytes.ts";
import { encodeTransaction, NO_SIGNATURE, signingBytes, utf8Bytes } from "../chain/transaction-bytes.ts";
import { costOf, type TransactionFacts, type TransactionFault } from "../chain/transaction-facts.ts";
import type { Coins, Hex, Transaction } from "../chain/types.ts";
import type { AppRules } from "./application.ts";

/**
 * Text of a post, as UTF-8. Two pages: room for what a board is for, and small enough that one post
 * never decides whether a block of 10 kB still has room for others.
 */
export const POST_TEXT_BYTES_MAX = 4_096;

/** Payload of an application, as UTF-8: for the same reasons. */
export const APP_PAYLOAD_BYTES_MAX = 4_096;

/** Strict Ed25519: false, never an error, for a malformed key or signature. */
export type VerifySignature = (publicKey: Hex, message: Uint8Array, signature: Hex) => boolean;

/** Which chain a transaction is for, and the functions and applications that the core is handed to judge it. */
export interface TransactionContext extends AppRules {
  readonly genesisHash: Hex;
  readonly verify: VerifySignature;
}

/** The facts of an encodable transaction (`encodingFault`); its violation is looked for when it is first asked for. */
export function makeTransactionFacts(tx: Transaction, context: TransactionContext): TransactionFacts {
  return new LazyFacts(tx, context);
}

/** The same of a transaction that was found in order before, and is read back from where it was kept: nothing is verified again. */
export function makeCheckedFacts(tx: Transaction, context: TransactionContext): TransactionFacts {
  return new LazyFacts(tx, context, null);
}

/**
 * What is wrong with a transaction on any ledger of the chain, null if nothing. Covers its payload and its signature; where a
 * coinbase may stand and what it may pay is the block's to check.
 */
export function checkTransaction(
  tx: Transaction,
  id: Hex,
  context: TransactionContext,
): TransactionFault | null {
  const fault = payloadFault(tx, id, context);
  if (fault !== null) return fault;
  const isSigned =
    tx.body.kind === "coinbase"
      ? tx.signature === NO_SIGNATURE
      : context.verify(tx.sender, signingBytes(tx, context.genesisHash), tx.signature);
  return isSigned ? null : { code: "bad-signature", id };
}

/** What is signed by whom, of facts that nobody has asked for their violation; null where the answer needs no signature, or is known. */
export function unsettledSignature(
  facts: TransactionFacts,
): { readonly publicKey: Hex; readonly message: Uint8Array; readonly signature: Hex } | null {
  return facts instanceof LazyFacts ? facts.unsettledSignature() : null;
}

/** Keeps what somebody else has found out: whether the signature of these facts is valid. */
export function settleSignature(facts: TransactionFacts, isValid: boolean): void {
  if (facts instanceof LazyFacts) facts.settle(isValid);
}

/** The part of `checkTransaction` that needs no signature. */
export function payloadFault(tx: Transaction, id: Hex, context: AppRules): TransactionFault | null {
  const { body } = tx;
  const reason = body.kind === "app" ? appFault(body.app, body.payload, context) : plainFault(tx);
  if (reason === UNKNOWN && body.kind === "app") return { code: "unknown-application", id, app: body.app };
  return reason === null ? null : { code: "bad-payload", id, reason };
}

const UNKNOWN = "no such application";

function appFault(app: string, payload: string, { applications }: AppRules): string | null {
  const sizeBytes = utf8Bytes(payload);
  if (sizeBytes > APP_PAYLOAD_BYTES_MAX)
    return `payload of ${sizeBytes} bytes, ${APP_PAYLOAD_BYTES_MAX} at most`;
  const application = applications.get(app);
  return application === undefined ? UNKNOWN : application.check(payload);
}

function plainFault(tx: Transaction): string | null {
  if (tx.body.kind === "post") {
    const sizeBytes = utf8Bytes(tx.body.text);
    if (sizeBytes > POST_TEXT_BYTES_MAX) return `text of ${sizeBytes} bytes, ${POST_TEXT_BYTES_MAX} at most`;
  }
  // Each part fits 64 bits or it had no bytes; their sum may not, and no supply of coins is larger.
  if (costOf(tx) > U64_MAX) return "amount and fee together exceed 64 bits";
  return null;
}

class LazyFacts implements TransactionFacts {
  readonly tx: Transaction;
  readonly id: Hex;
  readonly sizeBytes: number;
  readonly cost: Coins;
  readonly #context: TransactionContext;
  /** Undefined until somebody asked. */
  #violation: TransactionFault | null | undefined;

  constructor(tx: Transaction, context: TransactionContext, violation?: TransactionFault | null) {
    this.#violation = violation;
    const bytes = encodeTransaction(tx);
    this.tx = tx;
    this.id = context.sha256(bytes);
    this.sizeBytes = bytes.length;
    this.cost = costOf(tx);
    this.#context = context;
  }

  get violation(): TransactionFault | null {
    if (this.#violation === undefined) this.#violation = checkTransaction(this.tx, this.id, this.#context);
    return this.#violation;
  }

  unsettledSignature() {
    const { tx } = this;
    if (this.#violation !== undefined || tx.body.kind === "coinbase") return null;
    if (payloadFault(tx, this.id, this.#context) !== null) return null;
    const message = signingBytes(tx, this.#context.genesisHash);
    return { publicKey: tx.sender, message, signature: tx.signature };
  }

  settle(isSigned: boolean): void {
    if (this.#violation !== undefined) return;
    const unsigned = isSigned ? null : ({ code: "bad-signature", id: this.id } as const);
    this.#violation = payloadFault(this.tx, this.id, this.#context) ?? unsigned;
  }
}
