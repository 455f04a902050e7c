/** Why secrets cannot be read, opened or kept, in words for people. Never holds a secret or a passphrase. */
export class SecretError extends Error {
  override readonly name = "SecretError";
  /** What the user gave is wrong, such as the passphrase, rather than what is on the disk. */
  readonly isBadSetting: boolean;

  constructor(message: string, isBadSetting = false) {
    super(message);
    this.isBadSetting = isBadSetting;
  }
}
