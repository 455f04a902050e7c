import { bytesToHex, isHex } from "../../../core/chain/hex.ts";
import { encodingFault, NO_SIGNATURE, signingBytes } from "../../../core/chain/transaction-bytes.ts";
import { type Json, transactionToJson } from "../../../core/chain/transaction-json.ts";
import type { Coins, Hex, Transaction, TransactionBody } from "../../../core/chain/types.ts";
import { SigningError } from "./signing-error.ts";

/** A key that lives in this browser. The secret half cannot be read out of it, only signed with. */
export interface BrowserKey {
  readonly publicKey: Hex;
  readonly privateKey: Awaited<ReturnType<typeof crypto.subtle.importKey>>;
}

/** What a page asks to be signed. The sender is the key's. */
export interface UnsignedTransaction {
  readonly body: TransactionBody;
  /** `nextToSubmit` of `GET /accounts/:key`. */
  readonly sequence: number;
  readonly fee: Coins;
}

/**
 * The transaction, signed for the chain of this genesis hash (`GET /status` tells it), as `POST /transactions` takes it. Rejects with a
 * `SigningError`, in words for people, where the transaction has no canonical bytes.
 */
export async function signTransaction(
  { body, sequence, fee }: UnsignedTransaction,
  genesisHash: Hex,
  { publicKey, privateKey }: BrowserKey,
): Promise<Json<Transaction>> {
  const unsigned = { body, sender: publicKey, sequence, fee, signature: NO_SIGNATURE };
  const fault = faultOf(unsigned, genesisHash);
  if (fault !== null) throw new SigningError(fault);
  // A copy: the types of WebCrypto take no view whose buffer may be shared.
  const message = new Uint8Array(signingBytes(unsigned, genesisHash));
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, message));
  return transactionToJson({ ...unsigned, signature: bytesToHex(signature) });
}

/** Pages are JavaScript: what the types promise is asked again. */
function faultOf(tx: Transaction, genesisHash: Hex): string | null {
  if (!isHex(genesisHash, 32)) return "the genesis hash is not 32 bytes of lower-case hex";
  if (tx.body.kind === "coinbase")
    return "a coinbase is made by whoever mines its block, and signed by nobody";
  // A text compares like a number, so a rule about numbers would let it pass.
  if (typeof tx.fee !== "bigint") return "fee is not a BigInt";
  if ("amount" in tx.body && typeof tx.body.amount !== "bigint") return "amount is not a BigInt";
  return encodingFault(tx);
}
