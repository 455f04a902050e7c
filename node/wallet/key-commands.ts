import { randomBytes } from "node:crypto";
import { basename, extname } from "node:path";
import { OWN_NAME } from "../adapters/keyring/file-keyring.ts";
import { readPrivateFile, writePrivateFile } from "../adapters/keyring/private-file.ts";
import { pemOfSecret, secretFromPem } from "../adapters/node-crypto.ts";
import type { Output } from "./output.ts";
import { EXIT_BAD_INPUT, WalletError } from "./wallet-error.ts";
import {
  accountOf,
  changeKeys,
  checkNewName,
  readKeys,
  sealKeys,
  unlockKeys,
  type WalletOptions,
} from "./wallet-file.ts";

/** Commands on the keys themselves. They ask no node. */

export async function createKey(name: string, options: WalletOptions, output: Output): Promise<void> {
  checkNewName(name, readKeys(options));
  const { publicKey, isSealed } = await changeKeys(options, (keys) => {
    checkNewName(name, keys);
    return { publicKey: keys.add(name, randomBytes(32)).publicKey, isSealed: keys.isSealed };
  });
  if (!isSealed)
    output.warn(
      `${options.file} is not sealed with a passphrase: whoever can read it can spend what its keys own.`,
    );
  output.say(`${name}  ${publicKey}`, { name, account: publicKey, file: options.file });
}

export async function sealFile(options: WalletOptions, output: Output): Promise<void> {
  await sealKeys(options);
  output.say(`${options.file} is sealed from now on.`, { file: options.file });
}

export function listKeys(options: WalletOptions, output: Output): void {
  const keys = readKeys(options);
  const rows = keys.keys().map(({ name, publicKey }) => ({ name, account: publicKey }));
  const text = rows
    .map(({ name, account }) => `${account}  ${name === OWN_NAME ? "'' (a node's own)" : name}`)
    .join("\n");
  output.say(text === "" ? `${keys.path} has no keys; npm run wallet -- create makes one` : text, rows);
}

/** The secret itself, to be kept in another place or used by another program. `out` null: to the standard output. */
export async function exportKey(
  name: string,
  out: string | null,
  options: WalletOptions,
  output: Output,
): Promise<void> {
  const known = readKeys(options);
  const account = accountOf(name, known);
  const holder = known.keys().find(({ publicKey }) => publicKey === account);
  if (holder === undefined)
    throw new WalletError(`${known.path} does not hold the secret of ${account}`, EXIT_BAD_INPUT);
  const secret = (await unlockKeys(options)).secretOf(holder.name);
  if (secret === null)
    throw new WalletError(`${known.path} has no key of the name ${holder.name} any more`, EXIT_BAD_INPUT);
  output.warn(
    "This is a secret key, and no passphrase protects it here: whoever has it can spend what it owns.",
  );
  const pem = pemOfSecret(secret);
  if (out === null) output.say(pem.trimEnd(), { name: holder.name, account, pem });
  else {
    writePrivateFile(out, pem);
    output.say(`${out} has the secret of ${account}, for you alone to read.`, {
      name: holder.name,
      account,
      file: out,
    });
  }
}

/** `name` null: that of the file, without its ending. */
export async function importKey(
  path: string,
  name: string | null,
  options: WalletOptions,
  output: Output,
): Promise<void> {
  const pem = readPrivateFile(path, "a secret key", 10_000);
  if (pem === null) throw new WalletError(`${path} is not there`, EXIT_BAD_INPUT);
  const secret = secretFromPem(pem);
  if (secret === null)
    throw new WalletError(
      `${path} holds no Ed25519 key as PKCS #8 in PEM without a passphrase ("-----BEGIN PRIVATE KEY-----")`,
      EXIT_BAD_INPUT,
    );
  const given = name ?? basename(path, extname(path));
  checkNewName(given, readKeys(options));
  const publicKey = await changeKeys(options, (keys) => {
    checkNewName(given, keys);
    return keys.add(given, secret).publicKey;
  });
  output.say(`${given}  ${publicKey}`, { name: given, account: publicKey, file: options.file });
}
