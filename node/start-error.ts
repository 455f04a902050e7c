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

/** Why a server could not listen, for people. */
export function listenError(error: unknown, host: string, port: number): StartError {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const text =
    code === "EADDRINUSE"
      ? `port ${port} of ${host} is in use; choose another with --port or FORKLAB_PORT (0 takes any that is free)`
      : `cannot listen on ${host}, port ${port}: ${String(error)}`;
  return new StartError(text, false);
}
