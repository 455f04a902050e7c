import type { Logger } from "pino";
import type { Telemetry } from "./ports/telemetry.ts";

/** Logs what a node refuses and what it does to protect itself. The rest is in its events. */
export function logTelemetry(log: Pick<Logger, "info">): Telemetry {
  return {
    blockMined: () => undefined,
    blockReceived: () => undefined,
    // A clock that differs is no offence, so a peer may bring as many of these as it likes.
    blockRefused: (_view, hash, { code }, link) => {
      if (code !== "time-too-new") log.info({ hash, code, link }, "block-refused");
    },
    noticed: (_view, { kind, ...facts }) => log.info(facts, kind),
    tipChanged: () => undefined,
    transactionSubmitted: () => undefined,
  };
}
