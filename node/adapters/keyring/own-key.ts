import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { isHex } from "../../core/chain/hex.ts";
import type { Signer } from "../../ports/crypto.ts";
import { OWN_NAME } from "./file-keyring.ts";
import type { KeyFile } from "./key-file.ts";
import { readPrivateFile } from "./private-file.ts";
import { SecretError } from "./secret-error.ts";

/** Where versions before kept the node's own secret, as 64 hex digits. */
const FORMER_FILE = "key";

/**
 * The node's own signer, whose account is paid for its blocks: random, made the first time, kept with the other keys. A key that a version before kept
 * in a file of its own is moved here, and only then deleted there. Throws a `SecretError`.
 */
export function readOrMakeOwnKey(keys: KeyFile, folder: string): Signer {
  const path = join(folder, FORMER_FILE);
  const former = readFormer(path);
  let own = keys.signerOf(OWN_NAME);
  if (former !== null) {
    if (own === null) own = keys.add(OWN_NAME, former);
    else if (!Buffer.from(former).equals(keys.secretOf(OWN_NAME) ?? NOTHING))
      throw new SecretError(
        `${path} and ${keys.path} hold two different keys of this node: move one of them away`,
      );
    rmSync(path);
  }
  return own ?? keys.add(OWN_NAME, randomBytes(32));
}

const NOTHING = new Uint8Array(0);

function readFormer(path: string): Uint8Array | null {
  const text = readPrivateFile(path, "this node's secret key")?.trim();
  if (text === undefined) return null;
  if (!isHex(text, 32)) throw new SecretError(`${path} does not hold 32 bytes of lower-case hex`);
  return Buffer.from(text, "hex");
}
