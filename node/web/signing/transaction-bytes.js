// Made from node/core/chain/transaction-bytes.ts by node/web/signing/build.ts; do not edit.
import { ByteReader, ByteWriter,               isUnsigned, U32_MAX, U64_MAX } from "./bytes.js";
import { isHex } from "./hex.js";

/** Kind, sender, sequence and fee. */
const FIXED_BYTES = 1 + 32 + 4 + 8;
const SIGNATURE_BYTES = 64;

/** Bytes of a coinbase, which are always the same number. */
export const COINBASE_BYTES = FIXED_BYTES + 8 + SIGNATURE_BYTES;

/** The fewest bytes that a transaction can be: an empty post. */
export const TRANSACTION_BYTES_MIN = FIXED_BYTES + 2 + SIGNATURE_BYTES;

/** The most text that the format's length field can state; the rules allow less. */
const TEXT_FIELD_BYTES_MAX = 0xffff;

/** Of a coinbase, which nobody signs. */
export const NO_SIGNATURE      = "0".repeat(128);

/** Keeps signatures of transactions apart from whatever else the same key may ever sign. */
const SIGNING_DOMAIN = new TextEncoder().encode("forklab transaction\n");

/** The canonical bytes of a transaction, signature last. The transaction must be encodable (`encodingFault`). */
export function encodeTransaction(tx             )             {
  const text = textBytes(tx.body);
  const writer = new ByteWriter(FIXED_BYTES + bodyBytes(tx.body, text) + SIGNATURE_BYTES);
  writeUnsigned(writer, tx, text);
  writer.hex(tx.signature, SIGNATURE_BYTES);
  return writer.finish();
}

/**
 * What the sender signs: everything but the signature, after the genesis hash, so that a transaction of one chain is no
 * transaction of another where the same key is used.
 */
export function signingBytes(tx                                , genesisHash     )             {
  const text = textBytes(tx.body);
  const writer = new ByteWriter(SIGNING_DOMAIN.length + 32 + FIXED_BYTES + bodyBytes(tx.body, text));
  writer.bytes(SIGNING_DOMAIN);
  writer.hex(genesisHash, 32);
  writeUnsigned(writer, tx, text);
  return writer.finish();
}

/** The transaction that exactly these bytes encode. Encoding it again gives the same bytes, so an id has one reading. */
export function decodeTransaction(bytes            )                       {
  const reader = new ByteReader(bytes);
  const kind = reader.u8();
  const sender = reader.hex(32);
  const sequence = reader.u32();
  const fee = reader.u64();
  const body = readBody(reader, kind);
  const signature = reader.hex(SIGNATURE_BYTES);
  return reader.finish({ body, sender, sequence, fee, signature });
}

/**
 * Why a transaction has no canonical bytes, or null if it has. To be asked of every transaction that did not come as bytes,
 * for instance one that was typed as JSON, before anything else is done with it.
 */
export function encodingFault(tx             )                {
  if (!isHex(tx.sender, 32)) return "sender is not 32 bytes of lower-case hex";
  if (!isHex(tx.signature, SIGNATURE_BYTES)) return "signature is not 64 bytes of lower-case hex";
  if (!isUnsigned(tx.sequence, U32_MAX)) return "sequence is not an integer from 0 to 2^32 - 1";
  if (!isAmount(tx.fee)) return "fee is not from 0 to 2^64 - 1";
  if (tx.body.kind === "post") return textFault(tx.body.text);
  if (tx.body.kind === "app")
    return APP_NAME.test(tx.body.app) ? textFault(tx.body.payload) : "app is not 1 to 16 of a-z, 0-9 and -";
  if (!isAmount(tx.body.amount)) return "amount is not from 0 to 2^64 - 1";
  if (tx.body.kind === "transfer" && !isHex(tx.body.recipient, 32))
    return "recipient is not 32 bytes of lower-case hex";
  return null;
}

/** Bytes of a text as UTF-8. */
export function utf8Bytes(text        )         {
  return UTF8_ENCODER.encode(text).length;
}

const KIND_BYTE = { coinbase: 0, transfer: 1, post: 2, app: 3 }         ;

/** The name of an application. */
const APP_NAME = /^[a-z0-9-]{1,16}$/;

function writeUnsigned(writer            , tx                                , text            )       {
  writer.u8(KIND_BYTE[tx.body.kind]);
  writer.hex(tx.sender, 32);
  writer.u32(tx.sequence);
  writer.u64(tx.fee);
  switch (tx.body.kind) {
    case "coinbase":
      writer.u64(tx.body.amount);
      break;
    case "transfer":
      writer.hex(tx.body.recipient, 32);
      writer.u64(tx.body.amount);
      break;
    case "post":
      writer.u16(text.length);
      writer.bytes(text);
      break;
    case "app":
      writer.u8(tx.body.app.length);
      writer.bytes(UTF8_ENCODER.encode(tx.body.app));
      writer.u16(text.length);
      writer.bytes(text);
  }
}

function readBody(reader            , kind        )                  {
  switch (kind) {
    case KIND_BYTE.coinbase:
      return { kind: "coinbase", amount: reader.u64() };
    case KIND_BYTE.transfer:
      return { kind: "transfer", recipient: reader.hex(32), amount: reader.u64() };
    case KIND_BYTE.post:
      return { kind: "post", text: readText(reader) };
    case KIND_BYTE.app:
      return { kind: "app", app: readAppName(reader), payload: readText(reader) };
    default:
      reader.fail(`unknown kind ${kind}`);
      return { kind: "post", text: "" };
  }
}

function readText(reader            )         {
  const bytes = reader.bytes(reader.u16());
  try {
    return UTF8_DECODER.decode(bytes);
  } catch (error) {
    reader.fail(`text is not UTF-8: ${String(error)}`);
    return "";
  }
}

function readAppName(reader            )         {
  const name = String.fromCharCode(...reader.bytes(reader.u8()));
  if (!APP_NAME.test(name)) reader.fail("not the name of an application");
  return name;
}

function bodyBytes(body                 , text            )         {
  switch (body.kind) {
    case "coinbase":
      return 8;
    case "transfer":
      return 32 + 8;
    case "post":
      return 2 + text.length;
    case "app":
      return 1 + body.app.length + 2 + text.length;
  }
}

function textBytes(body                 )             {
  if (body.kind === "post") return UTF8_ENCODER.encode(body.text);
  return body.kind === "app" ? UTF8_ENCODER.encode(body.payload) : NO_TEXT;
}

function textFault(text        )                {
  // Half a surrogate pair has no UTF-8: the encoder would put another character in its place.
  if (!text.isWellFormed()) return "text is not well-formed Unicode";
  if (utf8Bytes(text) > TEXT_FIELD_BYTES_MAX) return `text is longer than ${TEXT_FIELD_BYTES_MAX} bytes`;
  return null;
}

function isAmount(value        )          {
  return value >= 0n && value <= U64_MAX;
}

const NO_TEXT = new Uint8Array(0);
const UTF8_ENCODER = new TextEncoder();
// Fatal, and the byte order mark kept: a lenient decoder would give several byte strings one reading.
const UTF8_DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
