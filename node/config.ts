import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import {
  anyText,
  byteSize,
  type Decoder,
  hashRate,
  name,
  oneOf,
  peerUrls,
  portNumber,
} from "./config-values.ts";
import { MINING_MODES } from "./ports/mining-control.ts";

interface SettingRow<T> {
  /** Of the value, as --help shows it. */
  readonly unit: string;
  /** As it would be typed; null: none, and the sentence says what happens then. */
  readonly default: string | null;
  readonly sentence: string;
  readonly decode: Decoder<T>;
  /** May be given several times. */
  readonly repeatable?: true;
}

/**
 * Every setting of a node: --help, the environment's names and the checks are made from this table. The flag is the key with dashes
 * (`hashRate`: --hash-rate), the variable FORKLAB_ and the same with underscores (FORKLAB_HASH_RATE); a flag wins.
 */
const SETTINGS = {
  name: {
    unit: "name",
    default: null,
    sentence: "How peers and logs call this node. Left out: node- and its port.",
    decode: name,
  },
  host: {
    unit: "address",
    default: "127.0.0.1",
    sentence: "Address to listen on. Peers are told it, so 0.0.0.0 is of use with --url only.",
    decode: anyText,
  },
  port: {
    unit: "port",
    default: "0",
    sentence: "Port to listen on; 0 takes any that is free.",
    decode: portNumber,
  },
  url: {
    unit: "URL",
    default: null,
    sentence: "Address under which peers reach this node. Left out: http, host and port.",
    decode: oneUrl,
  },
  dir: {
    unit: "folder",
    default: null,
    sentence: "Where blocks and key are kept; made if it is not there. Left out: data/ and the node's name.",
    decode: anyText,
  },
  chain: {
    unit: "file",
    default: null,
    sentence: "JSON of the chain's parameters. Left out: a chain for trying things out.",
    decode: anyText,
  },
  links: {
    unit: "file",
    default: null,
    sentence: "JSON of the conditions of what this node sends: latency, loss, cuts. Left out: none.",
    decode: anyText,
  },
  peer: {
    unit: "URL",
    default: null,
    sentence: "A peer to link with; may be repeated, or hold several with commas between.",
    decode: peerUrls,
    repeatable: true,
  },
  mine: {
    unit: MINING_MODES.join("|"),
    default: "continuous",
    sentence: "When to mine: always, when POST /mine asks, or never.",
    decode: oneOf(...MINING_MODES),
  },
  hashRate: { unit: "rate", default: "20kH/s", sentence: "Hashes to try per second.", decode: hashRate },
  keySeed: {
    unit: "text",
    default: null,
    sentence: "Makes the miner's key from a text, for experiments. Left out: a key file in --dir.",
    decode: anyText,
  },
  seed: {
    unit: "text",
    default: "forklab",
    sentence: "Of the node's random streams: drawn mining and waits.",
    decode: anyText,
  },
  relay: {
    unit: "announce|push",
    default: "announce",
    sentence: "How new blocks spread: announced and sent on request, or sent at once.",
    decode: oneOf("announce", "push"),
  },
  mempoolBytes: {
    unit: "size",
    default: "32MB",
    sentence: "Bound of the transactions that wait for a block.",
    decode: byteSize,
  },
  logLevel: {
    unit: "level",
    default: "info",
    sentence: "Least level that is logged to stderr: fatal, error, warn, info, debug or silent.",
    decode: oneOf("fatal", "error", "warn", "info", "debug", "silent"),
  },
} as const satisfies Readonly<Record<string, SettingRow<unknown>>>;

type Rows = typeof SETTINGS;
type Key = keyof Rows;
type ValueOf<Row> = Row extends { decode: Decoder<infer T> } ? T : never;

/** The settings of a node, decoded; null where the table has no default and nothing was given. */
export type NodeSettings = {
  readonly [K in Key]: Rows[K]["default"] extends null ? ValueOf<Rows[K]> | null : ValueOf<Rows[K]>;
} & {
  /** From FORKLAB_CONTROL_TOKEN alone: a flag would show in the list of processes. Null: nobody may control the node. */
  readonly controlToken: string | null;
};

/** The settings; or nothing more to do (help was asked for, `exitCode` 0) or a bad setting (2), with what to tell the user. */
export type ConfigOutcome =
  | { readonly ok: true; readonly settings: NodeSettings }
  | { readonly ok: false; readonly exitCode: 0 | 2; readonly text: string };

export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): ConfigOutcome {
  let text = "";
  const command = new Command("forklab-node")
    .description("One node of a blockchain, for experiments.")
    .configureOutput({ writeOut: (out) => (text += out), writeErr: (out) => (text += out) })
    .exitOverride()
    .addHelpText(
      "after",
      "\nFORKLAB_CONTROL_TOKEN (environment only): the bearer token of the control routes.\n",
    );
  const values: Record<string, unknown> = {};
  for (const [key, row] of Object.entries<SettingRow<unknown>>(SETTINGS)) {
    const option = optionOf(key, row);
    command.addOption(option);
    const fromEnv = env[variableOf(key)];
    const decoded = row.default === null ? { value: null } : row.decode(row.default);
    if ("value" in decoded) values[key] = decoded.value;
    if (fromEnv === undefined || fromEnv === "") continue;
    const given = row.decode(fromEnv);
    if (!("value" in given))
      return bad(`error: ${variableOf(key)} is ${JSON.stringify(fromEnv)}; expected ${given.accepted}\n`);
    values[key] = given.value;
  }
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? { ok: false, exitCode: 0, text } : bad(text);
  }
  const token = env.FORKLAB_CONTROL_TOKEN ?? "";
  const controlToken = token === "" ? null : token;
  // Every key of the table was given its value above, by its own decoder.
  return { ok: true, settings: { ...values, ...command.opts(), controlToken } as NodeSettings };
}

/** The table, for the docs. */
export function settingRows() {
  return Object.entries<SettingRow<unknown>>(SETTINGS).map(([key, row]) => ({
    flag: flagOf(key),
    variable: variableOf(key),
    unit: row.unit,
    default: row.default,
    sentence: row.sentence,
  }));
}

function bad(text: string): ConfigOutcome {
  return { ok: false, exitCode: 2, text };
}

function optionOf(key: string, row: SettingRow<unknown>): Option {
  const defaultText = row.default === null ? "" : ` Default: ${row.default}.`;
  const option = new Option(
    `${flagOf(key)} <${row.unit}>`,
    `${row.sentence}${defaultText} [${variableOf(key)}]`,
  );
  return option.argParser((text: string, previous: unknown) => {
    const decoded = row.decode(text);
    if (!("value" in decoded)) throw new InvalidArgumentError(`Expected ${decoded.accepted}.`);
    const { value } = decoded;
    return row.repeatable && Array.isArray(previous) && Array.isArray(value)
      ? [...previous, ...value]
      : value;
  });
}

function oneUrl(text: string): ReturnType<Decoder<string>> {
  const decoded = peerUrls(text);
  const [url, second] = "value" in decoded ? decoded.value : [];
  return url === undefined || second !== undefined
    ? { accepted: "an http or https address without a path, such as http://127.0.0.1:4001" }
    : { value: url };
}

function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function variableOf(key: string): string {
  return `FORKLAB_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
