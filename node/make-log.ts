import { type Logger, pino, stdTimeFunctions } from "pino";

/** A process' log: a line of JSON for each entry on stderr, written before the call returns, so that the last words of a process are there. */
export function makeLog(level: string, base: Readonly<Record<string, unknown>> = {}): Logger {
  const formatters = { level: (label: string) => ({ level: label }) };
  const options = { level, base: { ...base }, formatters, timestamp: stdTimeFunctions.isoTime };
  return pino(options, pino.destination({ dest: 2, sync: true }));
}
