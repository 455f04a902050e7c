import { Command, CommanderError, Option } from "commander";
import type { BackendName } from "./backends/backend.ts";
import { EXIT_BAD_SCENARIO } from "./exit-status.ts";
import { DEFAULT_OBSERVE, type ListenAddress, readListenAddress } from "./observe/listen-address.ts";

export interface CommandOptions {
  readonly file: string;
  readonly backend: BackendName;
  readonly seed: string | null;
  /** `key=value`, in order. */
  readonly overrides: readonly string[];
  /** Where results go: `<out>/<name>/<run>/`. */
  readonly out: string;
  readonly quiet: boolean;
  /** Where the run's metrics are served while it lasts; null: nowhere. */
  readonly observe: ListenAddress | null;
}

export type ParsedCommand =
  | { readonly kind: "run"; readonly options: CommandOptions }
  /** Help was asked for (0), or the line is wrong (3); it has been said. */
  | { readonly kind: "exit"; readonly status: number };

const BACKENDS: readonly BackendName[] = ["processes", "docker", "sim"];

const AFTER_HELP = `
Examples:
  npm run scenario scenarios/partition.yaml
  npm run scenario scenarios/partition.yaml -- --on sim --seed 7
  npm run scenario scenarios/partition.yaml -- --on docker --observe
  npm run scenario scenarios/partition.yaml -- --set nodes.count=4 --set duration=30s

Exit status:
  0 expectations met    1 not met    2 unknown: the run cannot be trusted
  3 bad scenario or command line     4 the testbed failed
  130 or 143 ended by Ctrl-C or a signal; what was recorded is written

Ctrl-C stops the nodes and keeps what was recorded; a second Ctrl-C gives up at once.
`;

/** Reads the command line; what is wrong with it is said on stderr, with the help that it may need. */
export function parseCommandLine(words: readonly string[]): ParsedCommand {
  const program = createProgram();
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "exit", status: error.exitCode === 0 ? 0 : EXIT_BAD_SCENARIO };
  }
  const given = program.opts<{
    on: BackendName;
    seed?: string;
    set: string[];
    out: string;
    quiet?: boolean;
    observe?: ListenAddress;
  }>();
  const [file = ""] = program.args;
  const { on: backend, seed = null, set: overrides, out, quiet = false, observe = null } = given;
  return { kind: "run", options: { file, backend, seed, overrides, out, quiet, observe } };
}

function createProgram(): Command {
  return new Command("npm run scenario")
    .usage("FILE -- [options]")
    .description("Runs a scenario and leaves a folder with everything that happened in it.")
    .argument("<FILE>", "scenario file, such as scenarios/partition.yaml")
    .addOption(
      new Option(
        "--on <backend>",
        "where the nodes run: real processes here, containers here, or simulated in virtual time",
      )
        .choices(BACKENDS)
        .default("processes"),
    )
    .option("--seed <seed>", "in place of the scenario's seed")
    .option("--set <key=value>", "change a key, such as network.latency=50ms; can be repeated", collect, [])
    .option("--out <folder>", "where the folder of results is made", "results")
    .addOption(
      new Option(
        "--observe [address]",
        "let a live run be seen while it lasts: its metrics, and the dashboard of compose.yaml",
      )
        .preset(DEFAULT_OBSERVE)
        .argParser(readListenAddress),
    )
    .option("--quiet", "print the verdict and the folder, nothing else")
    .addHelpText("after", AFTER_HELP)
    .showHelpAfterError("(npm run scenario -- --help shows what there is)")
    .allowExcessArguments(false)
    .exitOverride();
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** The line that repeats a run, to be pasted into a shell. */
export function repeatCommand({ file, backend, overrides }: CommandOptions, seed: string): string {
  const words = [
    ...["npm", "run", "scenario", file, "--", "--on", backend, "--seed", seed],
    ...overrides.flatMap((override) => ["--set", override]),
  ];
  return words.map(shellWord).join(" ");
}

/** A word that every POSIX shell reads back as it is. */
function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
