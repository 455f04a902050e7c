import { COMMON_SETTINGS } from "./common-settings.ts";
import {
  anyText,
  byteRate,
  byteSize,
  type Decoder,
  hashRate,
  hostAddress,
  keyringNameCount,
  minerCount,
  name,
  networks,
  nodeCount,
  oneOf,
  peerUrls,
  portNumber,
  requestRate,
  slotCount,
} from "./config-values.ts";
import { FREE_BURST_US, FREE_BYTES_PER_SEC } from "./core/state/free-relay.ts";
import { MICROS_PER_SEC } from "./core/support/micros.ts";
import { DISCOVERY_SETTINGS } from "./discovery-settings.ts";
import { MINING_MODES } from "./ports/mining-control.ts";
import type { SettingRows, SettingsOf, SettingsOutcome } from "./setting-row.ts";
import { describeSettings, readSettings } from "./setting-table.ts";

/** Every setting of a node; what is made of the table `readSettings` says. */
const SETTINGS = {
  name: {
    group: "Node",
    unit: "name",
    default: null,
    sentence: "How peers and logs call this node. Left out: node- and its port.",
    decode: name,
  },
  host: {
    group: "Node",
    unit: "address",
    default: "127.0.0.1",
    sentence: "Address to listen on. 0.0.0.0 is every one that this machine has.",
    decode: anyText,
    aliases: ["-i", "--ip"],
  },
  port: {
    group: "Node",
    unit: "port",
    default: "0",
    sentence: "Port to listen on; 0 takes any that is free.",
    decode: portNumber,
    aliases: ["-p"],
  },
  url: {
    group: "Node",
    unit: "URL",
    default: null,
    sentence:
      "Address under which peers reach this node. Left out: http, host and port; for a host of 0.0.0.0 the first address of this machine.",
    decode: oneUrl,
  },
  dir: {
    group: "Node",
    unit: "folder",
    default: null,
    sentence: "Where blocks and key are kept; made if it is not there. Left out: data/ and the node's name.",
    decode: anyText,
    aliases: ["-d"],
  },
  dirSlots: {
    group: "Node",
    unit: "count",
    default: null,
    sentence:
      "For replicas that share --dir: each takes the first free one of so many folders in it, and its name.",
    decode: slotCount,
  },
  chain: {
    group: "Chain",
    unit: "file",
    default: null,
    sentence: "JSON of the chain's parameters. Left out: a chain for trying things out.",
    decode: anyText,
  },
  mempoolBytes: {
    group: "Chain",
    unit: "size",
    default: "32MB",
    sentence: "Bound of the transactions that wait for a block.",
    decode: byteSize,
  },
  freeRelay: {
    group: "Chain",
    unit: "rate",
    default: `${FREE_BYTES_PER_SEC / 1_000}kB/s`,
    sentence: `Bytes a second of transactions without a fee that this node takes and passes on, and as many at one go as in ${FREE_BURST_US / MICROS_PER_SEC} seconds; 0B/s takes none. Those with a fee are not counted.`,
    decode: byteRate,
  },
  peer: {
    group: "Peers",
    unit: "URL",
    default: null,
    sentence: "A peer to link with; may be repeated, or hold several with commas between.",
    decode: peerUrls,
    repeatable: true,
  },
  links: {
    group: "Peers",
    unit: "file",
    default: null,
    sentence: "JSON of the conditions of what this node sends: latency, loss, cuts. Left out: none.",
    decode: anyText,
  },
  relay: {
    group: "Peers",
    unit: "announce|push|compact",
    default: "announce",
    sentence:
      "How blocks and transactions spread: announced and sent on request, sent at once, or blocks by short ids of transactions that peers have.",
    decode: oneOf("announce", "push", "compact"),
  },
  registryIp: {
    group: "Discovery",
    unit: "address",
    default: null,
    sentence: "Where the registry is: an IP address or a host name. Left out: this node looks for no others.",
    decode: hostAddress,
    aliases: ["-di", "--dns_ip"],
  },
  registryPort: DISCOVERY_SETTINGS.registryPort,
  nodes: DISCOVERY_SETTINGS.nodes,
  updateInterval: DISCOVERY_SETTINGS.updateInterval,
  knownLimit: DISCOVERY_SETTINGS.knownLimit,
  peerLimit: {
    group: "Discovery",
    unit: "count",
    default: "8",
    sentence: "How many of the known nodes this node links with by itself; others may link with it as well.",
    decode: nodeCount,
  },
  discoverIn: DISCOVERY_SETTINGS.discoverIn,
  mine: {
    group: "Mining",
    unit: MINING_MODES.join("|"),
    default: "continuous",
    sentence: "When to mine: always, when POST /mine asks, or never.",
    decode: oneOf(...MINING_MODES),
  },
  hashRate: {
    group: "Mining",
    unit: "rate",
    default: "20kH/s",
    sentence: "Hashes to try per second.",
    decode: hashRate,
  },
  miners: {
    group: "Mining",
    unit: "count|all",
    default: null,
    sentence:
      "How many threads share the hashing, or all: one for each processor. Left out: one, and none up to 100kH/s, which a node does beside its other work.",
    decode: minerCount,
  },
  keySeed: {
    group: "Mining",
    unit: "text",
    default: null,
    sentence: "Makes the miner's key from a text, for experiments. Left out: a random one, kept in --dir.",
    decode: anyText,
  },
  seed: {
    group: "Mining",
    unit: "text",
    default: "forklab",
    sentence: "Of the node's random streams: drawn mining and waits.",
    decode: anyText,
  },
  keyringPassphraseFile: {
    group: "Keys",
    unit: "file",
    default: null,
    sentence:
      "Holds the passphrase that seals the keys in --dir, on one line, for its owner alone to read. Left out: FORKLAB_KEYRING_PASSPHRASE, else the keys are kept as they are.",
    decode: anyText,
  },
  keyringNames: {
    group: "Keys",
    unit: "count",
    default: "1000",
    sentence:
      "Names for which this node makes and keeps keys, to sign for clients that hold none; 0: it signs for nobody.",
    decode: keyringNameCount,
  },
  config: COMMON_SETTINGS.config,
  controlFrom: {
    group: "Operation",
    unit: "network",
    default: "127.0.0.0/8,::1/128",
    sentence:
      "From where the control routes may be called, with the token; as an address with the bits of its prefix. May be repeated.",
    decode: networks,
    repeatable: true,
  },
  clientRate: {
    group: "Operation",
    unit: "rate",
    default: "200/s",
    sentence:
      "Requests a second that one client may make, and as many at one go as in two seconds; 0/s is any number. Those of --control-from are not counted.",
    decode: requestRate,
  },
  logLevel: COMMON_SETTINGS.logLevel,
} as const satisfies SettingRows;

/** The settings of a node, decoded; null where the table has no default and nothing was given. */
export type NodeSettings = SettingsOf<typeof SETTINGS> & {
  /** From FORKLAB_CONTROL_TOKEN alone: a flag would show in the list of processes. Null: nobody may control the node. */
  readonly controlToken: string | null;
  /** From FORKLAB_KEYRING_PASSPHRASE alone, as above; null: none, unless a file holds it. */
  readonly keyringPassphrase: string | null;
};

export type ConfigOutcome = SettingsOutcome<NodeSettings>;

export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): ConfigOutcome {
  const words = {
    name: "forklab-node",
    description: "One node of a blockchain, for experiments.",
    secrets: {
      FORKLAB_CONTROL_TOKEN: "the bearer token of the control routes. Left out: nobody may call them.",
      FORKLAB_KEYRING_PASSPHRASE: "the passphrase that seals the keys in --dir, where no file holds it.",
    },
    // The other programs know fewer settings, and no other ones.
    others: [],
  };
  const outcome = readSettings(words, SETTINGS, args, env);
  if (!outcome.ok) return outcome;
  const controlToken = env.FORKLAB_CONTROL_TOKEN || null;
  const keyringPassphrase = env.FORKLAB_KEYRING_PASSPHRASE || null;
  return { ok: true, settings: { ...outcome.settings, controlToken, keyringPassphrase } };
}

/** The table, for the docs. */
export function settingRows() {
  return describeSettings(SETTINGS);
}

function oneUrl(text: string): ReturnType<Decoder<string>> {
  const decoded = peerUrls(text);
  const [url, second] = "value" in decoded ? decoded.value : [];
  return url === undefined || second !== undefined
    ? { accepted: "an http or https address without a path, such as http://127.0.0.1:4001" }
    : { value: url };
}
