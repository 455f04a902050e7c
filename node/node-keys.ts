import { join } from "node:path";
import type { Logger } from "pino";
import { FileKeyring } from "./adapters/keyring/file-keyring.ts";
import { KeyFile } from "./adapters/keyring/key-file.ts";
import { readOrMakeOwnKey } from "./adapters/keyring/own-key.ts";
import { Passphrase } from "./adapters/keyring/passphrase.ts";
import { SecretError } from "./adapters/keyring/secret-error.ts";
import { signerFromSecret, signerFromSeed } from "./adapters/node-crypto.ts";
import type { NodeSettings } from "./config.ts";
import type { Signer } from "./ports/crypto.ts";
import type { Keyring } from "./ports/keyring.ts";
import { StartError } from "./start-error.ts";

/** What a node signs with: its own key, and those of the names that it signs for. */
export interface NodeKeys {
  readonly signer: Signer;
  readonly keyring: Keyring;
}

type KeySettings = Pick<
  NodeSettings,
  "keySeed" | "keyringNames" | "keyringPassphrase" | "keyringPassphraseFile"
>;

/** Opens the keys of a node's folder, which this process must hold. Throws a `StartError` for people. */
export function openKeys(
  folder: string,
  settings: KeySettings,
  log: Pick<Logger, "info" | "warn">,
): NodeKeys {
  try {
    const passphrase = readPassphrase(settings);
    const file = KeyFile.open(join(folder, "keyring.json"), signerFromSecret);
    const wasPlain = file.count > 0 && !file.isSealed;
    file.unlock(passphrase);
    if (wasPlain && file.isSealed) log.info({ path: file.path }, "keyring-was-plain-and-is-sealed-now");
    const signer =
      settings.keySeed === null ? readOrMakeOwnKey(file, folder) : signerFromSeed(settings.keySeed);
    let isTold = false;
    const tellIfPlain = () => {
      if (!isTold && file.count > 0 && !file.isSealed) log.warn({ path: file.path }, "keyring-is-not-sealed");
      isTold ||= file.count > 0;
    };
    tellIfPlain();
    const onFailure = ({ message: reason }: SecretError) => log.warn({ reason }, "keyring-failed");
    const options = { nameCountMax: settings.keyringNames, own: signer, onMade: tellIfPlain, onFailure };
    return { signer, keyring: new FileKeyring(file, options) };
  } catch (error) {
    if (error instanceof SecretError)
      throw new StartError(`${error.message}${adviceOn(error)}`, error.isBadSetting);
    throw error;
  }
}

function readPassphrase({
  keyringPassphrase: text,
  keyringPassphraseFile: path,
}: KeySettings): Passphrase | null {
  if (text !== null && path !== null)
    throw new SecretError(
      "the keyring has two passphrases: give FORKLAB_KEYRING_PASSPHRASE or a file, not both",
      true,
    );
  if (path !== null) return Passphrase.fromFile(path);
  return text === null ? null : Passphrase.of(text, "FORKLAB_KEYRING_PASSPHRASE");
}

function adviceOn({ isBadSetting }: SecretError): string {
  return isBadSetting ? " (--keyring-passphrase-file, or FORKLAB_KEYRING_PASSPHRASE in the environment)" : "";
}
