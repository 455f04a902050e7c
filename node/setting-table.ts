import { closest, distance } from "fastest-levenshtein";
import { readConfigFile } from "./config-file.ts";
import { readFlags } from "./setting-flags.ts";
import {
  aliasText,
  flagOf,
  PREFIX,
  type ProgramWords,
  type SettingRows,
  type SettingsOf,
  type SettingsOutcome,
  type Stop,
  variableOf,
} from "./setting-row.ts";

/** Values by key, or a sentence. */
type Read =
  | { readonly ok: true; readonly values: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly text: string };

/**
 * Reads a table of settings: --help, the names in environment and file, and the checks are made from it. The flag is the key with dashes
 * (`hashRate`: --hash-rate), the variable FORKLAB_ and the same with underscores (FORKLAB_HASH_RATE), in the file of --config it is the key. A flag
 * wins over the environment, that over the file, and all over the default. What the table does not know is refused.
 */
export function readSettings<Rows extends SettingRows>(
  words: ProgramWords,
  rows: Rows,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): SettingsOutcome<SettingsOf<Rows>> {
  const flags = readFlags(words, rows, args);
  if (!flags.ok) return flags;
  const variables = readVariables(words, rows, env);
  if (!variables.ok) return bad(variables.text);
  const { config = variables.values.config } = flags.values;
  const file = config === undefined ? NOTHING : readFile(String(config), words, rows);
  if (!file.ok) return bad(file.text);
  const values = { ...defaultsOf(rows), ...file.values, ...variables.values, ...flags.values };
  // Every key of the table was given its value, by its own decoder.
  return { ok: true, settings: values as SettingsOf<Rows> };
}

const NOTHING: Read = { ok: true, values: {} };

function defaultsOf(rows: SettingRows): Record<string, unknown> {
  const values = Object.entries(rows).map(([key, row]) => {
    const decoded = row.default === null ? { value: null } : row.decode(row.default);
    return [key, "value" in decoded ? decoded.value : null];
  });
  return Object.fromEntries(values);
}

function readVariables({ secrets, others }: ProgramWords, rows: SettingRows, env: NodeJS.ProcessEnv): Read {
  const keys = new Map(Object.keys(rows).map((key) => [variableOf(key), key]));
  const values: Record<string, unknown> = {};
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || text === "" || !variable.startsWith(PREFIX)) continue;
    const key = keys.get(variable);
    if (key === undefined) {
      const isElsewhere = COMPOSE_VARIABLES.has(variable) || PERSONAL_VARIABLES.has(variable);
      if (Object.hasOwn(secrets, variable) || others.includes(variable) || isElsewhere) continue;
      return { ok: false, text: `error: ${variable} is no setting${meant(variable, [...keys.keys()])}\n` };
    }
    const decoded = rows[key]?.decode(text) ?? { accepted: "" };
    if (!("value" in decoded))
      return {
        ok: false,
        text: `error: ${variable} is ${JSON.stringify(text)}; expected ${decoded.accepted}\n`,
      };
    values[key] = decoded.value;
  }
  return { ok: true, values };
}

/** What compose.yaml takes from the same environment, for itself. */
export const COMPOSE_VARIABLES: ReadonlySet<string> = new Set([
  "FORKLAB_GRAFANA_PORT",
  "FORKLAB_IMAGE",
  "FORKLAB_LOAD",
  "FORKLAB_NODE_COUNT",
  "FORKLAB_NODE_PORTS",
  "FORKLAB_PROMETHEUS_PORT",
]);

/** What a person has in the environment for other programs of this project: the wallet, and the tests of pages. */
export const PERSONAL_VARIABLES: ReadonlySet<string> = new Set([
  "FORKLAB_CHROMIUM",
  "FORKLAB_NODE",
  "FORKLAB_WALLET_FILE",
  "FORKLAB_WALLET_PASSPHRASE",
  "FORKLAB_WALLET_PASSPHRASE_FILE",
]);

function readFile(path: string, { secrets }: ProgramWords, rows: SettingRows): Read {
  const read = readConfigFile(path);
  if (!read.ok) return { ok: false, text: `error: ${read.text}\n` };
  // A file names no other.
  const known = Object.keys(rows).filter((key) => key !== "config");
  const values: Record<string, unknown> = {};
  for (const { key, texts, place } of read.entries) {
    const wrong = (what: string): Read => ({ ok: false, text: `error: ${place}: ${what}\n` });
    const row = known.includes(key) ? rows[key] : undefined;
    if (Object.hasOwn(secrets, variableOf(key)))
      return wrong(`${key} is a secret, and comes from the environment alone: ${variableOf(key)}`);
    if (row === undefined) return wrong(`${key} is no setting of a file${meant(key, known)}`);
    if (texts.length !== 1 && row.repeatable === undefined)
      return wrong(`${key} takes one value, not a list`);
    const decoded = row.decode(texts.join(","));
    if (!("value" in decoded))
      return wrong(`${key} is ${JSON.stringify(texts.join(","))}; expected ${decoded.accepted}`);
    values[key] = decoded.value;
  }
  return { ok: true, values };
}

/** What was probably meant, if anything is near. */
function meant(word: string, known: readonly string[]): string {
  const found = closest(word, known);
  const isNear = distance(word, found) <= Math.max(2, Math.floor(word.replace(PREFIX, "").length / 3));
  return isNear ? `; did you mean ${found}?` : "; --help lists all";
}

/** The table, for the docs. */
export function describeSettings(rows: SettingRows) {
  return Object.entries(rows).map(([key, row]) => ({
    group: row.group,
    key,
    flag: flagOf(key),
    variable: variableOf(key),
    unit: row.unit,
    default: row.default,
    sentence: `${row.sentence}${aliasText(row)}`,
  }));
}

function bad(text: string): Stop {
  return { ok: false, exitCode: 2, text };
}
