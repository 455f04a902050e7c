import { COMMON_SETTINGS } from "./common-settings.ts";
import { settingRows } from "./config.ts";
import { anyText, hostAddress, portNumber } from "./config-values.ts";
import { DISCOVERY_SETTINGS } from "./discovery-settings.ts";
import type { SettingRows, SettingsOf, SettingsOutcome } from "./setting-row.ts";
import { describeSettings, readSettings } from "./setting-table.ts";

/** Every setting of a registry; what is made of the table `readSettings` says. */
const SETTINGS = {
  host: {
    group: "Registry",
    unit: "address",
    default: "127.0.0.1",
    sentence: "Address to listen on. 0.0.0.0 is every one that this machine has.",
    decode: anyText,
    aliases: ["-i", "--ip"],
  },
  port: {
    group: "Registry",
    unit: "port",
    default: "42020",
    sentence: "Port to listen on; 0 takes any that is free.",
    decode: portNumber,
    aliases: ["-p"],
  },
  dir: {
    group: "Registry",
    unit: "folder",
    default: "data/registry",
    sentence: "Where the known nodes are kept; made if it is not there.",
    decode: anyText,
    aliases: ["-d"],
  },
  registryIp: {
    group: "Discovery",
    unit: "address",
    default: null,
    sentence: "Another registry, to ask while this one knows few nodes. Left out: none.",
    decode: hostAddress,
    aliases: ["-di", "--dns_ip"],
  },
  ...DISCOVERY_SETTINGS,
  ...COMMON_SETTINGS,
} as const satisfies SettingRows;

export type RegistrySettings = SettingsOf<typeof SETTINGS>;

export function readRegistryConfig(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): SettingsOutcome<RegistrySettings> {
  const words = {
    name: "forklab-registry",
    description: "Where nodes that know nobody ask for others.",
    secrets: {},
    others: ["FORKLAB_CONTROL_TOKEN", ...settingRows().map(({ variable }) => variable)],
  };
  return readSettings(words, SETTINGS, args, env);
}

/** The table, for the docs. */
export function registrySettingRows() {
  return describeSettings(SETTINGS);
}
