import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isHex } from "../../core/chain/hex.ts";
import { StorageError } from "./storage-error.ts";

/** The miner's secret of a node, 32 bytes; made at random the first time, in a file that its owner alone may read. */
export function readOrMakeKey(folder: string): Uint8Array {
  const path = join(folder, "key");
  if (existsSync(path)) {
    const text = readFileSync(path, "utf8").trim();
    if (!isHex(text, 32)) throw new StorageError(`${path} does not hold 32 bytes of lower-case hex`);
    return Buffer.from(text, "hex");
  }
  const secret = randomBytes(32);
  // Renamed when it is whole: a crash here must not leave half a key, which the next start would refuse.
  writeFileSync(`${path}.new`, `${secret.toString("hex")}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return secret;
}
