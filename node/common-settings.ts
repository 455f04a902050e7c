import { anyText, oneOf } from "./config-values.ts";

/** Settings of every program that runs for long. */
export const COMMON_SETTINGS = {
  config: {
    group: "Operation",
    unit: "file",
    default: null,
    sentence:
      "YAML or JSON with any of these settings: the flag without dashes, its words run together, such as hashRate.",
    decode: anyText,
  },
  logLevel: {
    group: "Operation",
    unit: "level",
    default: "info",
    sentence: "Least level that is logged to stderr: fatal, error, warn, info, debug or silent.",
    decode: oneOf("fatal", "error", "warn", "info", "debug", "silent"),
  },
} as const;
