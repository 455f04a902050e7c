import type { Decoder } from "./config-values.ts";

export interface SettingRow<T> {
  /** Heading under which --help and the docs have it. */
  readonly group: string;
  /** Of the value, as --help shows it. */
  readonly unit: string;
  /** As it would be typed; null: none, and the sentence says what happens then. */
  readonly default: string | null;
  readonly sentence: string;
  readonly decode: Decoder<T>;
  /** May be given several times; in one text with commas between. */
  readonly repeatable?: true;
  /** Other flags for the same: those that the programs knew whose place this one takes. */
  readonly aliases?: readonly string[];
}

/** The row `config` names the file that holds others of them. */
export type SettingRows = Readonly<Record<string, SettingRow<unknown>>>;

type ValueOf<Row> = Row extends { decode: Decoder<infer T> } ? T : never;

/** The settings of a table, decoded; null where it has no default and nothing was given. */
export type SettingsOf<Rows extends SettingRows> = {
  readonly [K in keyof Rows]: Rows[K]["default"] extends null ? ValueOf<Rows[K]> | null : ValueOf<Rows[K]>;
};

/** The settings; or nothing more to do (help was asked for, `exitCode` 0) or a bad setting (2), with what to tell the user. */
export type SettingsOutcome<T> = { readonly ok: true; readonly settings: T } | Stop;

/** What ends a start before it began. */
export interface Stop {
  readonly ok: false;
  readonly exitCode: 0 | 2;
  readonly text: string;
}

export interface ProgramWords {
  readonly name: string;
  readonly description: string;
  /** Variables that are no settings: secrets, which belong neither in a list of processes nor in a file. Name and sentence. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Variables of other programs, which the same environment may hold. */
  readonly others: readonly string[];
}

/** Of every variable that is ours. */
export const PREFIX = "FORKLAB_";

export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function variableOf(key: string): string {
  return `${PREFIX}${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

export function aliasText({ aliases }: SettingRow<unknown>): string {
  return aliases === undefined ? "" : ` Also ${aliases.join(", ")}.`;
}
