// Made from node/core/chain/hex.ts by node/web/signing/build.ts; do not edit.
import { invariant } from "./invariant.js";

/** Lower-case hex of bytes, two digits a byte. No bytes give the empty string. */
export function bytesToHex(bytes            )      {
  let hex = "";
  for (const byte of bytes) hex += PAIRS[byte];
  return hex;
}

/** The bytes of lower-case hex. Trips the invariant on anything else: text from outside goes through `isHex` first. */
export function hexToBytes(hex     )             {
  invariant(hex.length % 2 === 0, "hex has an odd number of digits");
  const bytes = new Uint8Array(hex.length / 2);
  writeHex(hex, bytes, 0);
  return bytes;
}

/** Whether `value` is lower-case hex of exactly `byteCount` bytes. Upper case is refused, so that each value has one text. */
export function isHex(value         , byteCount        )               {
  if (typeof value !== "string" || value.length !== byteCount * 2) return false;
  for (let index = 0; index < value.length; index += 1) if (digitAt(value, index) < 0) return false;
  return true;
}

/** Writes the bytes of `hex` to `target` from `offset` on, without an array in between: headers are encoded often. */
export function writeHex(hex     , target            , offset        )       {
  for (let digit = 0, at = offset; digit < hex.length; digit += 2, at += 1) {
    const byte = (digitAt(hex, digit) << 4) | digitAt(hex, digit + 1);
    // One bad digit is -1, which makes the whole byte negative.
    invariant(byte >= 0, "not lower-case hex");
    target[at] = byte;
  }
}

const PAIRS                    = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** By character code: the digit's value, -1 for what is no lower-case hex digit. */
const DIGITS            = new Int8Array(128).fill(-1);
for (const [value, digit] of [..."0123456789abcdef"].entries()) DIGITS[digit.charCodeAt(0)] = value;

function digitAt(text        , index        )         {
  // Past the end the code is NaN and past the table the entry is undefined: no digit either.
  return DIGITS[text.charCodeAt(index)] ?? -1;
}
