/** Why a node does not start, in words for people. */
export class StartError extends Error {
  override readonly name = "StartError";
  /** The user's settings are wrong, rather than the machine in the way. */
  readonly isBadSetting: boolean;

  constructor(message: string, isBadSetting: boolean) {
    super(message);
    this.isBadSetting = isBadSetting;
  }
}
