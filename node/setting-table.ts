import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Decoder } from "./config-values.ts";

export interface SettingRow<T> {
  /** Of the value, as --help shows it. */
  readonly unit: string;
  /** As it would be typed; null: none, and the sentence says what happens then. */
  readonly default: string | null;
  readonly sentence: string;
  readonly decode: Decoder<T>;
  /** May be given several times. */
  readonly repeatable?: true;
  /** Other flags for the same: those that the programs knew whose place this one takes. */
  readonly aliases?: readonly string[];
}

export type SettingRows = Readonly<Record<string, SettingRow<unknown>>>;

type ValueOf<Row> = Row extends { decode: Decoder<infer T> } ? T : never;

/** The settings of a table, decoded; null where it has no default and nothing was given. */
export type SettingsOf<Rows extends SettingRows> = {
  readonly [K in keyof Rows]: Rows[K]["default"] extends null ? ValueOf<Rows[K]> | null : ValueOf<Rows[K]>;
};

/** The settings; or nothing more to do (help was asked for, `exitCode` 0) or a bad setting (2), with what to tell the user. */
export type SettingsOutcome<T> =
  | { readonly ok: true; readonly settings: T }
  | { readonly ok: false; readonly exitCode: 0 | 2; readonly text: string };

export interface ProgramWords {
  readonly name: string;
  readonly description: string;
  /** Below the help's list of flags. */
  readonly after: string;
}

/**
 * Reads a table of settings: --help, the environment's names and the checks are made from it. The flag is the key with dashes
 * (`hashRate`: --hash-rate), the variable FORKLAB_ and the same with underscores (FORKLAB_HASH_RATE); a flag wins.
 */
export function readSettings<Rows extends SettingRows>(
  words: ProgramWords,
  rows: Rows,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): SettingsOutcome<SettingsOf<Rows>> {
  let text = "";
  const command = new Command(words.name)
    .description(words.description)
    .configureOutput({ writeOut: (out) => (text += out), writeErr: (out) => (text += out) })
    .exitOverride()
    .addHelpText("after", words.after);
  const values: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(rows)) {
    command.addOption(optionOf(key, row));
    const decoded = row.default === null ? { value: null } : row.decode(row.default);
    if ("value" in decoded) values[key] = decoded.value;
    const fromEnv = env[variableOf(key)];
    if (fromEnv === undefined || fromEnv === "") continue;
    const given = row.decode(fromEnv);
    if (!("value" in given))
      return bad(`error: ${variableOf(key)} is ${JSON.stringify(fromEnv)}; expected ${given.accepted}\n`);
    values[key] = given.value;
  }
  try {
    command.parse(plainArgs(rows, args), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? { ok: false, exitCode: 0, text } : bad(text);
  }
  // Every key of the table was given its value above, by its own decoder.
  return { ok: true, settings: { ...values, ...command.opts() } as SettingsOf<Rows> };
}

/** The table, for the docs. */
export function describeSettings(rows: SettingRows) {
  return Object.entries(rows).map(([key, row]) => ({
    flag: flagOf(key),
    variable: variableOf(key),
    unit: row.unit,
    default: row.default,
    sentence: `${row.sentence}${aliasText(row)}`,
  }));
}

/**
 * The arguments with every alias replaced by its flag: `-di X`, `-di=X`, `-diX`, `--dns_ip X`. It is done before the parser sees them, because that would
 * read the two letters of `-di` as the flag -d with the value i.
 */
function plainArgs(rows: SettingRows, args: readonly string[]): string[] {
  const flags = new Map<string, string>();
  for (const [key, row] of Object.entries(rows)) {
    flags.set(flagOf(key), flagOf(key));
    for (const alias of row.aliases ?? []) flags.set(alias, flagOf(key));
  }
  // The longest first, so that -dp4 is no -d.
  const shorts = [...flags.keys()]
    .filter((flag) => !flag.startsWith("--"))
    .sort((a, b) => b.length - a.length);
  const plain: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    const flag = flags.get(arg);
    if (flag !== undefined) {
      plain.push(flag);
      // What follows is its value, whatever it looks like.
      index += 1;
      if (index < args.length) plain.push(args[index] ?? "");
      continue;
    }
    const equals = arg.indexOf("=");
    const beforeEquals = flags.get(arg.slice(0, Math.max(0, equals)));
    const short = arg.startsWith("--") ? undefined : shorts.find((each) => arg.startsWith(each));
    if (beforeEquals !== undefined) plain.push(`${beforeEquals}${arg.slice(equals)}`);
    else if (short !== undefined) plain.push(`${flags.get(short)}=${arg.slice(short.length)}`);
    else plain.push(arg);
  }
  return plain;
}

function bad(text: string): { readonly ok: false; readonly exitCode: 2; readonly text: string } {
  return { ok: false, exitCode: 2, text };
}

function optionOf(key: string, row: SettingRow<unknown>): Option {
  const defaultText = row.default === null ? "" : ` Default: ${row.default}.`;
  const option = new Option(
    `${flagOf(key)} <${row.unit}>`,
    `${row.sentence}${aliasText(row)}${defaultText} [${variableOf(key)}]`,
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

function aliasText({ aliases }: SettingRow<unknown>): string {
  return aliases === undefined ? "" : ` Also ${aliases.join(", ")}.`;
}

function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function variableOf(key: string): string {
  return `FORKLAB_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
