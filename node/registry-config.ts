import { anyText, hostAddress, oneOf, portNumber } from "./config-values.ts";
import { DISCOVERY_SETTINGS } from "./discovery-settings.ts";
import {
  describeSettings,
  readSettings,
  type SettingRows,
  type SettingsOf,
  type SettingsOutcome,
} from "./setting-table.ts";

/** Every setting of a registry; what is made of the table `readSettings` says. */
const SETTINGS = {
  host: {
    unit: "address",
    default: "127.0.0.1",
    sentence: "Address to listen on. 0.0.0.0 is every one that this machine has.",
    decode: anyText,
    aliases: ["-i", "--ip"],
  },
  port: {
    unit: "port",
    default: "42020",
    sentence: "Port to listen on; 0 takes any that is free.",
    decode: portNumber,
    aliases: ["-p"],
  },
  dir: {
    unit: "folder",
    default: "data/registry",
    sentence: "Where the known nodes are kept; made if it is not there.",
    decode: anyText,
    aliases: ["-d"],
  },
  registryIp: {
    unit: "address",
    default: null,
    sentence: "Another registry, to ask while this one knows few nodes. Left out: none.",
    decode: hostAddress,
    aliases: ["-di", "--dns_ip"],
  },
  ...DISCOVERY_SETTINGS,
  logLevel: {
    unit: "level",
    default: "info",
    sentence: "Least level that is logged to stderr: fatal, error, warn, info, debug or silent.",
    decode: oneOf("fatal", "error", "warn", "info", "debug", "silent"),
  },
} as const satisfies SettingRows;

export type RegistrySettings = SettingsOf<typeof SETTINGS>;

export function readRegistryConfig(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): SettingsOutcome<RegistrySettings> {
  const words = {
    name: "forklab-registry",
    description: "Where nodes that know nobody ask for others.",
    after: "",
  };
  return readSettings(words, SETTINGS, args, env);
}

/** The table, for the docs. */
export function registrySettingRows() {
  return describeSettings(SETTINGS);
}
