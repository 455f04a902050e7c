import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

/** What kinds of transactions the load is made of. `mixed`: each as likely. */
export const LOAD_KINDS = ["post", "transfer", "mixed"] as const;
export type LoadKind = (typeof LOAD_KINDS)[number];

export interface LoadOptions {
  readonly perSec: number;
  readonly kind: LoadKind;
  /** Fees are drawn from 0 to this, each as likely. */
  readonly feeMax: number;
  readonly accountCount: number;
  /** Of the accounts' keys and of what is drawn. */
  readonly seed: string;
  /** Null: until it is stopped. */
  readonly durationMs: number | null;
  readonly registryUrl: string;
  /** When there are any, the registry is not asked. */
  readonly nodeUrls: readonly string[];
}

export type LoadCommand =
  | { readonly kind: "run"; readonly options: LoadOptions }
  /** Help was asked for (0), or the line is wrong (3); it has been said. */
  | { readonly kind: "exit"; readonly status: 0 | 3 };

/** Above what one process signs, some thousand a second; a rate beyond it would only measure this process. */
const PER_SEC_MAX = 1_000;

/** Its keys are made when the load starts, 0.1 ms each. */
const ACCOUNT_COUNT_MAX = 10_000;

/** What a signed 32-bit timer can wait, 24 days. */
const DURATION_MS_MAX = 2 ** 31 - 1;

const MS_PER = { s: 1_000, min: 60_000, h: 3_600_000 };

const AFTER_HELP = `
Posts without a fee need no coins. Transfers and fees need accounts that genesis gave some: the chain of
compose.yaml gives them to the 64 accounts that --seed load makes.

Examples:
  npm run load -- --rate 5/s
  npm run load -- --rate 20/s --node http://127.0.0.1:8080 --for 60s
`;

/** Reads the command line; what is wrong with it is said on stderr. */
export function parseLoadCommand(words: readonly string[]): LoadCommand {
  const program = createProgram();
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "exit", status: error.exitCode === 0 ? 0 : 3 };
  }
  const given = program.opts<{
    rate: number;
    kind: LoadKind;
    feeMax: number;
    accounts: number;
    seed: string;
    for?: number;
    registry: string;
    node?: string[];
  }>();
  return {
    kind: "run",
    options: {
      perSec: given.rate,
      kind: given.kind,
      feeMax: given.feeMax,
      accountCount: given.accounts,
      seed: given.seed,
      durationMs: given.for ?? null,
      registryUrl: given.registry,
      nodeUrls: given.node ?? [],
    },
  };
}

function createProgram(): Command {
  return new Command("npm run load --")
    .description("Submits signed transactions to a running network, at random moments and a steady rate.")
    .addOption(
      new Option("--rate <rate>", "transactions a second, over all nodes").argParser(rate).default(5, "5/s"),
    )
    .addOption(new Option("--kind <kind>", "what they are").choices(LOAD_KINDS).default("post"))
    .option("--fee-max <coins>", "each offers a fee from 0 to this", whole(0, 1_000_000), 0)
    .option("--accounts <count>", "accounts that take turns", whole(2, ACCOUNT_COUNT_MAX), 64)
    .option("--seed <text>", "makes the accounts' keys; two loads on one chain need two", "load")
    .option(
      "--for <duration>",
      "ends after this, such as 60s or 5min; left out: when it is stopped",
      duration,
    )
    .option("--registry <url>", "where to ask for nodes", address, "http://127.0.0.1:42020")
    .option("--node <url>", "a node to submit to, in place of the registry's; can be repeated", addresses)
    .addHelpText("after", AFTER_HELP)
    .showHelpAfterError("(--help shows what there is)")
    .allowExcessArguments(false)
    .exitOverride();
}

function rate(text: string): number {
  const perSec = Number(/^(\d+(?:\.\d+)?)\/s$/.exec(text)?.[1] ?? Number.NaN);
  if (perSec > 0 && perSec <= PER_SEC_MAX) return perSec;
  throw new InvalidArgumentError(`Expected a rate such as 5/s, above 0 and at most ${PER_SEC_MAX}/s.`);
}

function duration(text: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(s|min|h)$/.exec(text) ?? [];
  const ms = Number(amount ?? Number.NaN) * (MS_PER[unit as keyof typeof MS_PER] ?? Number.NaN);
  if (ms > 0 && ms <= DURATION_MS_MAX) return ms;
  throw new InvalidArgumentError("Expected a duration such as 60s, 5min or 1h.");
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

function address(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, "");
  throw new InvalidArgumentError("Expected an address such as http://127.0.0.1:8080.");
}

function addresses(text: string, before: string[] = []): string[] {
  return [...before, address(text)];
}
