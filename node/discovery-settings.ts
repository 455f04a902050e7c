import { anyText, interval, networks, nodeCount, remotePort } from "./config-values.ts";
import type { SettingRows } from "./setting-row.ts";

/** Settings of discovery that nodes and registries have in common. */
export const DISCOVERY_SETTINGS = {
  registryPort: {
    group: "Discovery",
    unit: "port",
    default: "42020",
    sentence: "Port of the registry.",
    decode: remotePort,
    aliases: ["-dp", "--dns_port"],
  },
  nodes: {
    group: "Discovery",
    unit: "file",
    default: "nodes.json",
    sentence: "Where the known nodes are kept, in --dir.",
    decode: anyText,
    aliases: ["-n"],
  },
  updateInterval: {
    group: "Discovery",
    unit: "time",
    default: "60s",
    sentence: "How often the known nodes are asked whether they live. A bare number is seconds.",
    decode: interval,
    aliases: ["-u", "--upd_int"],
  },
  knownLimit: {
    group: "Discovery",
    unit: "count",
    default: "10",
    sentence: "As many known nodes are enough not to ask them, and the registry, for more.",
    decode: nodeCount,
    aliases: ["-k", "--kn_limit"],
  },
  discoverIn: {
    group: "Discovery",
    unit: "network",
    default: "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,::1/128,fc00::/7",
    sentence:
      "In which networks nodes that others tell of, and peers that greet, may be called. May be repeated.",
    decode: networks,
    repeatable: true,
  },
} as const satisfies SettingRows;
