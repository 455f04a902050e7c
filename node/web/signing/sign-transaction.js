// Made from node/web/signing/source/sign-transaction.ts by node/web/signing/build.ts; do not edit.
import { bytesToHex, isHex } from "./hex.js";
import { encodingFault, NO_SIGNATURE, signingBytes } from "./transaction-bytes.js";
import {            transactionToJson } from "./transaction-json.js";

import { SigningError } from "./signing-error.js";

/** A key that lives in this browser. The secret half cannot be read out of it, only signed with. */

/** What a page asks to be signed. The sender is the key's. */

/**
 * The transaction, signed for the chain of this genesis hash (`GET /status` tells it), as `POST /transactions` takes it. Rejects with a
 * `SigningError`, in words for people, where the transaction has no canonical bytes.
 */
export async function signTransaction(
  { body, sequence, fee }                     ,
  genesisHash     ,
  { publicKey, privateKey }            ,
)                             {
  const unsigned = { body, sender: publicKey, sequence, fee, signature: NO_SIGNATURE };
  const fault = faultOf(unsigned, genesisHash);
  if (fault !== null) throw new SigningError(fault);
  // A copy: the types of WebCrypto take no view whose buffer may be shared.
  const message = new Uint8Array(signingBytes(unsigned, genesisHash));
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, message));
  return transactionToJson({ ...unsigned, signature: bytesToHex(signature) });
}

/** Pages are JavaScript: what the types promise is asked again. */
function faultOf(tx             , genesisHash     )                {
  if (!isHex(genesisHash, 32)) return "the genesis hash is not 32 bytes of lower-case hex";
  if (tx.body.kind === "coinbase")
    return "a coinbase is made by whoever mines its block, and signed by nobody";
  // A text compares like a number, so a rule about numbers would let it pass.
  if (typeof tx.fee !== "bigint") return "fee is not a BigInt";
  if ("amount" in tx.body && typeof tx.body.amount !== "bigint") return "amount is not a BigInt";
  return encodingFault(tx);
}
