import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import {
  aliasText,
  flagOf,
  type ProgramWords,
  type SettingRow,
  type SettingRows,
  type Stop,
  variableOf,
} from "./setting-row.ts";

/** Reads the flags of a command line; makes --help of the table. */
export function readFlags(
  words: ProgramWords,
  rows: SettingRows,
  args: readonly string[],
): Stop | { readonly ok: true; readonly values: Readonly<Record<string, unknown>> } {
  let text = "";
  const command = new Command(words.name)
    .description(words.description)
    .configureOutput({ writeOut: (out) => (text += out), writeErr: (out) => (text += out) })
    .exitOverride()
    .helpOption("-h, --help", "Says all this.")
    .addHelpText("after", helpEnd(words));
  for (const [key, row] of Object.entries(rows)) command.addOption(optionOf(key, row));
  try {
    command.parse(plainArgs(rows, args), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? { ok: false, exitCode: 0, text } : { ok: false, exitCode: 2, text };
  }
  return { ok: true, values: command.opts<Record<string, unknown>>() };
}

function helpEnd({ secrets }: ProgramWords): string {
  const lines = Object.entries(secrets).map(
    ([name, sentence]) => `\n${name} (environment only): ${sentence}`,
  );
  return `${lines.join("")}\nA flag wins over the environment, and that over the file of --config.\n`;
}

function optionOf(key: string, row: SettingRow<unknown>): Option {
  const defaultText = row.default === null ? "" : ` Default: ${row.default}.`;
  const option = new Option(
    `${flagOf(key)} <${row.unit}>`,
    `${row.sentence}${aliasText(row)}${defaultText} [${variableOf(key)}]`,
  ).helpGroup(`${row.group}:`);
  return option.argParser((text: string, previous: unknown) => {
    const decoded = row.decode(text);
    if (!("value" in decoded)) throw new InvalidArgumentError(`Expected ${decoded.accepted}.`);
    const { value } = decoded;
    return row.repeatable && Array.isArray(previous) && Array.isArray(value)
      ? [...previous, ...value]
      : value;
  });
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
