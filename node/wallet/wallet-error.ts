/** Why a command did not do what it was asked, in words for people. */
export class WalletError extends Error {
  override readonly name = "WalletError";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** What was asked was refused: by the node, by the rules, or because the wallet holds no such key. Nothing happened. */
export const EXIT_REFUSED = 1;
/** It was sent and no answer came: it may have happened. */
export const EXIT_UNKNOWN = 2;
/** The command line, a file or a passphrase is wrong. Nothing happened. */
export const EXIT_BAD_INPUT = 3;
/** No node answers, or what answers is none. Nothing happened. */
export const EXIT_NO_NODE = 4;
/** A mistake of ours. Source: sysexits.h, EX_SOFTWARE. */
export const EXIT_FATAL = 70;
