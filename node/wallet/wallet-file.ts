import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { closest } from "fastest-levenshtein";
import { nameFault } from "../adapters/keyring/file-keyring.ts";
import { KeyFile } from "../adapters/keyring/key-file.ts";
import { Passphrase } from "../adapters/keyring/passphrase.ts";
import { signerFromSecret } from "../adapters/node-crypto.ts";
import { isHex } from "../core/chain/hex.ts";
import type { Hex } from "../core/chain/types.ts";
import { askPassphrase, canAsk } from "./ask-passphrase.ts";
import { EXIT_BAD_INPUT, WalletError } from "./wallet-error.ts";

/** Where a person's keys are unless they say otherwise: one wallet for all nodes and chains, since a key is of none. */
export const DEFAULT_FILE = join(homedir(), ".forklab", "wallet.json");

/** How long one command waits for another that changes the same file, ms: that takes some tenths of a second. */
const LOCK_PATIENCE_MS = 10_000;

export interface WalletOptions {
  readonly file: string;
  readonly passphraseFile: string | null;
  /** From the environment alone: a flag would show in the list of processes. */
  readonly passphrase: string | null;
  /** Keep a new file without a passphrase. */
  readonly plain: boolean;
}

/** The keys in the file; public ones only, until they are unlocked. */
export function readKeys({ file }: Pick<WalletOptions, "file">): KeyFile {
  return KeyFile.open(file, signerFromSecret);
}

/** Whom a person means: a public key, or a name in the file. */
export function accountOf(text: string, keys: KeyFile): Hex {
  const key = isHex(text, 32) ? text : keys.publicKeyOf(text);
  if (key !== null) return key;
  const names = keys.keys().map(({ name }) => name);
  const advice =
    names.length === 0
      ? "npm run wallet -- create makes a key"
      : `did you mean ${JSON.stringify(closest(text, names))}?`;
  throw new WalletError(
    `${JSON.stringify(text)} is neither a public key (64 lower-case hex digits) nor a name in ${keys.path}; ${advice}`,
    EXIT_BAD_INPUT,
  );
}

/** A name that a new key may have. */
export function checkNewName(name: string, keys: KeyFile): void {
  const fault = nameFault(name);
  if (fault !== null) throw new WalletError(fault, EXIT_BAD_INPUT);
  if (isHex(name, 32))
    throw new WalletError("64 hex digits are no name: they would be taken for a public key", EXIT_BAD_INPUT);
  const taken = keys.publicKeyOf(name);
  if (taken !== null)
    throw new WalletError(
      `${keys.path} has a key of the name ${JSON.stringify(name)} already: ${taken}`,
      EXIT_BAD_INPUT,
    );
}

/** The keys, unlocked. Asks for the passphrase where there is somebody to ask. Nothing is written. */
export async function unlockKeys(options: WalletOptions): Promise<KeyFile> {
  const passphrase = await findPassphrase(options, readKeys(options));
  const keys = readKeys(options);
  keys.unlock(keys.isSealed ? passphrase : null);
  return keys;
}

/** The same, and a change to them, while no other command makes one. */
export async function changeKeys<T>(options: WalletOptions, change: (keys: KeyFile) => T): Promise<T> {
  // Asked before the lock is taken: a person takes longer than anybody would wait.
  const passphrase = await findPassphrase(options, readKeys(options));
  return locked(options.file, () => {
    const keys = readKeys(options);
    // Keys that lie there as they are stay so until `seal` is asked for: the file may be a node's, which knows of no passphrase.
    keys.unlock(keys.isSealed || keys.count === 0 ? passphrase : null);
    return change(keys);
  });
}

/** Seals a file that is not. */
export async function sealKeys(options: WalletOptions): Promise<void> {
  const known = readKeys(options);
  if (known.isSealed) throw new WalletError(`${options.file} is sealed already`, EXIT_BAD_INPUT);
  if (known.count === 0) throw new WalletError(`${options.file} has no keys`, EXIT_BAD_INPUT);
  const passphrase = givenPassphrase(options) ?? (await askTwice(`A passphrase for ${options.file}: `));
  locked(options.file, () => readKeys(options).unlock(passphrase));
}

async function findPassphrase(options: WalletOptions, keys: KeyFile): Promise<Passphrase | null> {
  const given = givenPassphrase(options);
  if (given !== null) return given;
  if (keys.isSealed) return await ask(`Passphrase of ${keys.path}: `);
  return keys.count > 0 || options.plain
    ? null
    : await askTwice(`${keys.path} is new. A passphrase for it: `);
}

function givenPassphrase({ passphraseFile, passphrase, plain }: WalletOptions): Passphrase | null {
  if (passphraseFile !== null && passphrase !== null)
    throw new WalletError(
      "two passphrases: give --passphrase-file or FORKLAB_WALLET_PASSPHRASE, not both",
      EXIT_BAD_INPUT,
    );
  if (plain && (passphraseFile !== null || passphrase !== null))
    throw new WalletError("--plain is for keys without a passphrase, and one was given", EXIT_BAD_INPUT);
  if (passphraseFile !== null) return Passphrase.fromFile(passphraseFile);
  return passphrase === null ? null : Passphrase.of(passphrase, "FORKLAB_WALLET_PASSPHRASE");
}

async function askTwice(question: string): Promise<Passphrase> {
  const first = await ask(question);
  if (first.equals(await ask("The same again: "))) return first;
  throw new WalletError("the two are not the same", EXIT_BAD_INPUT);
}

async function ask(question: string): Promise<Passphrase> {
  if (canAsk()) return Passphrase.of(await askPassphrase(question), "what you typed");
  throw new WalletError(
    "a passphrase is needed, and there is no terminal to ask on: give --passphrase-file FILE or FORKLAB_WALLET_PASSPHRASE (for a new file --plain does without)",
    EXIT_BAD_INPUT,
  );
}

/** Under the kernel's lock that SQLite takes on an empty file: gone with the process that held it, however that ends. */
function locked<T>(file: string, use: () => T): T {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const path = `${file}.lock`;
  const database = new DatabaseSync(path);
  try {
    try {
      database.exec(
        `PRAGMA busy_timeout = ${LOCK_PATIENCE_MS}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE`,
      );
    } catch (error) {
      throw new WalletError(
        `${path} cannot be locked, so another command may be changing ${file}: ${String(error)}`,
        EXIT_BAD_INPUT,
      );
    }
    return use();
  } finally {
    database.close();
  }
}
