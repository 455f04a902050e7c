import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { U64_MAX } from "../core/chain/bytes.ts";
import { isHex } from "../core/chain/hex.ts";
import type { Coins, Hex } from "../core/chain/types.ts";
import { peerOrigin } from "../schemas/decode.ts";
import { send, showBalance, showHistory, showStatus, signFile, submitFile } from "./account-commands.ts";
import { createKey, exportKey, importKey, listKeys, sealFile } from "./key-commands.ts";
import { NodeClient } from "./node-client.ts";
import { Output } from "./output.ts";
import { EXIT_BAD_INPUT } from "./wallet-error.ts";
import { DEFAULT_FILE, type WalletOptions } from "./wallet-file.ts";

/** The port of the first node in all examples; a node takes any that is free if it is told none. */
const DEFAULT_NODE = "http://127.0.0.1:4001";

const HISTORY_COUNT_MAX = 100_000;

const AFTER_HELP = `
Amounts are whole numbers of the coin's smallest unit. NAME|KEY is a name in the wallet or a public key of 64 hex digits.

The wallet is sealed with a passphrase: asked for on a terminal, else from --passphrase-file or FORKLAB_WALLET_PASSPHRASE.
Public keys are read without it.

Examples:
  npm run wallet -- create alice
  npm run wallet -- balance alice --node http://127.0.0.1:4001
  npm run wallet -- send --from alice --to KEY --amount 100 --fee 1
  npm run --silent wallet -- send --from alice --to KEY --amount 100 --unsigned > tx.json
  npm run --silent wallet -- sign tx.json > signed.json      (asks no node)

Exit status:
  0 done    1 refused, nothing happened    2 unknown: sent, and no answer came
  3 bad command line, file or passphrase   4 no node answers
`;

interface GlobalOptions {
  readonly node: string;
  readonly file: string;
  readonly passphraseFile?: string;
  readonly plain?: boolean;
  readonly json?: boolean;
}

/** Runs the command that the words say. Returns the exit status of a line that is wrong (3) or asks for help (0), which was said; null when a command was run. */
export async function runCommandLine(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number | null> {
  try {
    await createProgram(env).parseAsync([...words], { from: "user" });
    return null;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
  }
}

function createProgram(env: NodeJS.ProcessEnv): Command {
  const program = new Command("npm run wallet --")
    .description("Accounts of a chain: makes and keeps keys, asks a node for balances, signs and sends.")
    .addOption(
      new Option("--node <url>", "the node to ask")
        .env("FORKLAB_NODE")
        .argParser(nodeUrl)
        .default(DEFAULT_NODE),
    )
    .addOption(
      new Option("--file <file>", "where the keys are").env("FORKLAB_WALLET_FILE").default(DEFAULT_FILE),
    )
    .addOption(
      new Option("--passphrase-file <file>", "holds the passphrase, for you alone to read").env(
        "FORKLAB_WALLET_PASSPHRASE_FILE",
      ),
    )
    .option("--plain", "keep a new wallet without a passphrase, for trying things out")
    .option("--json", "say it as JSON, for programs")
    .addHelpText("after", AFTER_HELP)
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError("(npm run wallet -- --help shows what there is)")
    .exitOverride();
  const wallet = (): WalletOptions => {
    const { file, passphraseFile = null, plain = false } = program.opts<GlobalOptions>();
    return { file, passphraseFile, plain, passphrase: env.FORKLAB_WALLET_PASSPHRASE || null };
  };
  const client = () => new NodeClient(program.opts<GlobalOptions>().node);
  const output = () => new Output(program.opts<GlobalOptions>().json === true);
  addKeyCommands(program, wallet, output);
  addAccountCommands(program, wallet, client, output);
  return program;
}

function addKeyCommands(program: Command, wallet: () => WalletOptions, output: () => Output): void {
  program
    .command("create <NAME>")
    .description("make a key")
    .action((name: string) => createKey(name, wallet(), output()));
  program
    .command("list")
    .description("names and public keys")
    .action(() => listKeys(wallet(), output()));
  program
    .command("seal")
    .description("seal the keys of a wallet that was made with --plain")
    .action(() => sealFile(wallet(), output()));
  program
    .command("export <NAME>")
    .description("the secret key, as PKCS #8 in PEM")
    .option("--out <file>", "write it there, for you alone to read, in place of printing it")
    .action((name: string, { out = null }: { out?: string | null }) =>
      exportKey(name, out, wallet(), output()),
    );
  program
    .command("import <FILE>")
    .description("take over a secret key, as PKCS #8 in PEM")
    .option("--name <name>", "left out: the file's, without its ending")
    .action((file: string, { name = null }: { name?: string | null }) =>
      importKey(file, name, wallet(), output()),
    );
}

function addAccountCommands(
  program: Command,
  wallet: () => WalletOptions,
  client: () => NodeClient,
  output: () => Output,
): void {
  const genesis = () =>
    new Option("--genesis <hash>", "the chain that is meant, by its genesis hash").argParser(hash);
  program
    .command("status")
    .description("which node and which chain is asked")
    .action(() => showStatus(client(), output()));
  program
    .command("balance <NAME|KEY>")
    .description("what an account owns")
    .action((who: string) => showBalance(who, client(), wallet(), output()));
  program
    .command("history <NAME|KEY>")
    .description("what an account mined, sent and received, the newest first")
    .option("--limit <count>", "entries, at most", historyCount, 20)
    .action((who: string, { limit }: { limit: number }) =>
      showHistory(who, limit, client(), wallet(), output()),
    );
  program
    .command("send")
    .description("sign a transfer and hand it to the node")
    .requiredOption("--from <NAME>", "who pays")
    .requiredOption("--to <NAME|KEY>", "who is paid")
    .requiredOption("--amount <coins>", "in the smallest unit", coins)
    .option("--fee <coins>", "offered to the miner of its block", coins, 0n)
    .addOption(genesis())
    .option("--unsigned", "print what is to be signed, for sign, and send nothing")
    .action(
      (given: { from: string; to: string; amount: Coins; fee: Coins; genesis?: Hex; unsigned?: boolean }) =>
        send(
          { ...given, genesis: given.genesis ?? null, unsigned: given.unsigned === true },
          client(),
          wallet(),
          output(),
        ),
    );
  program
    .command("sign <FILE>")
    .description("sign the transaction in a file (- is the standard input), without asking any node")
    .option("--from <NAME>", "who signs; left out: the sender in the file")
    .addOption(genesis())
    .action((file: string, given: { from?: string; genesis?: Hex }) =>
      signFile(file, { from: given.from ?? null, genesis: given.genesis ?? null }, wallet(), output()),
    );
  program
    .command("submit <FILE>")
    .description("hand a signed transaction to the node")
    .addOption(genesis())
    .action((file: string, given: { genesis?: Hex }) =>
      submitFile(file, given.genesis ?? null, client(), output()),
    );
}

function nodeUrl(text: string): string {
  const origin = peerOrigin(text);
  if (origin !== null) return origin;
  throw new InvalidArgumentError("Expected an address without a path, such as http://127.0.0.1:4001.");
}

function coins(text: string): Coins {
  if (/^\d{1,20}$/.test(text) && BigInt(text) <= U64_MAX) return BigInt(text);
  throw new InvalidArgumentError("Expected a whole number of the smallest unit, from 0 to 2^64 - 1.");
}

function hash(text: string): Hex {
  if (isHex(text, 32)) return text;
  throw new InvalidArgumentError("Expected 64 lower-case hex digits.");
}

function historyCount(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= HISTORY_COUNT_MAX) return count;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${HISTORY_COUNT_MAX}.`);
}
