import { readPrivateFile } from "./private-file.ts";
import { SecretError } from "./secret-error.ts";

/** The fewest characters of a passphrase. Source: NIST SP 800-63B (2017), section 5.1.1.2. */
export const PASSPHRASE_LENGTH_MIN = 8;

/** Of a file with a passphrase; whoever names another by mistake is told at once. */
const FILE_BYTES_MAX = 4_096;

/** A passphrase that shows itself to nobody who did not ask for it: not to a log, not as JSON, not in an error. */
export class Passphrase {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** `source` is what the errors call it. Throws a `SecretError`. */
  static of(text: string, source: string): Passphrase {
    if ([...text].length < PASSPHRASE_LENGTH_MIN)
      throw new SecretError(
        `${source} is too short: a passphrase has ${PASSPHRASE_LENGTH_MIN} characters at least`,
        true,
      );
    return new Passphrase(text);
  }

  /** From a file that its owner alone may read, without the line's end. Throws a `SecretError`. */
  static fromFile(path: string): Passphrase {
    const text = readPrivateFile(path, "a passphrase", FILE_BYTES_MAX);
    if (text === null) throw new SecretError(`the passphrase file ${path} is not there`, true);
    const passphrase = text.replace(/\r?\n$/, "");
    if (/[\r\n]/.test(passphrase))
      throw new SecretError(`${path} should hold one line, the passphrase`, true);
    return Passphrase.of(passphrase, `the passphrase in ${path}`);
  }

  /**
   * The text, for the derivation of a key alone. One passphrase has one text however a keyboard composes its letters. Source: NIST SP 800-63B, as
   * above, which asks for NFKC or NFKD.
   */
  reveal(): string {
    return this.#text.normalize("NFKC");
  }

  equals(other: Passphrase): boolean {
    return this.reveal() === other.reveal();
  }
}
