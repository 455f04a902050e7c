import { readFileSync } from "node:fs";
import type * as z from "zod";
import { NodeCrypto } from "../adapters/node-crypto.ts";
import {
  encodeTransaction,
  encodingFault,
  NO_SIGNATURE,
  signingBytes,
} from "../core/chain/transaction-bytes.ts";
import { transactionToJson } from "../core/chain/transaction-json.ts";
import type { Hex, Transaction } from "../core/chain/types.ts";
import type { Signer } from "../ports/crypto.ts";
import { decodeValue, hex } from "../schemas/decode.ts";
import { parseStrictJson } from "../schemas/strict-json.ts";
import { transactionSchema } from "../schemas/transaction-schema.ts";
import { EXIT_BAD_INPUT, WalletError } from "./wallet-error.ts";

/** Far above the largest transaction. */
const FILE_BYTES_MAX = 1_000_000;

/** A transaction that waits for a signature, whatever its kind: the fields of a signed one without it. */
const unsignedSchema = transactionSchema
  .omit({ signature: true })
  .extend({ genesis: hex(32).optional(), sender: hex(32).optional() });

export type UnsignedFile = z.infer<typeof unsignedSchema>;

/** `-` is the standard input. */
export function readUnsigned(path: string): UnsignedFile {
  return readJson(path, unsignedSchema, "an unsigned transaction");
}

export function readSigned(path: string): Transaction {
  return readJson(path, transactionSchema, "a signed transaction");
}

export function signTransaction(
  unsigned: Omit<Transaction, "signature" | "sender">,
  genesis: Hex,
  signer: Signer,
): Transaction {
  const { body, sequence, fee } = unsigned;
  const tx = { body, sender: signer.publicKey, sequence, fee, signature: NO_SIGNATURE };
  const fault = encodingFault(tx);
  if (fault !== null) throw new WalletError(`this can be no transaction: ${fault}`, EXIT_BAD_INPUT);
  return { ...tx, signature: signer.sign(signingBytes(tx, genesis)) };
}

const crypto = new NodeCrypto();

/** Whether the signature is the sender's, on the chain of this genesis. */
export function isSignedFor(tx: Transaction, genesis: Hex): boolean {
  return crypto.verify(tx.sender, signingBytes(tx, genesis), tx.signature);
}

export function idOf(tx: Transaction): Hex {
  return crypto.sha256(encodeTransaction(tx));
}

/** The text of a file for `sign`. */
export function unsignedText(tx: Omit<Transaction, "signature">, genesis: Hex): string {
  const { signature: _none, ...fields } = transactionToJson({ ...tx, signature: NO_SIGNATURE });
  return JSON.stringify({ genesis, ...fields });
}

function readJson<T>(path: string, schema: z.ZodType<T>, what: string): T {
  const where = path === "-" ? "the standard input" : path;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path === "-" ? 0 : path);
  } catch (error) {
    throw new WalletError(`${where} cannot be read: ${String(error)}`, EXIT_BAD_INPUT);
  }
  if (bytes.length > FILE_BYTES_MAX)
    throw new WalletError(`${where} is too large for ${what}`, EXIT_BAD_INPUT);
  const json = parseStrictJson(bytes);
  const decoded = json.ok ? decodeValue(schema, json.value) : json;
  if (decoded.ok) return decoded.value;
  throw new WalletError(`${where} holds not ${what}: ${decoded.fault}`, EXIT_BAD_INPUT);
}
