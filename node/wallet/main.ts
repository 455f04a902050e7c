import { enableCompileCache } from "node:module";

// Before anything else is loaded: compiled code is kept between starts.
enableCompileCache();

const { SecretError } = await import("../adapters/keyring/secret-error.ts");
const { runCommandLine } = await import("./command-line.ts");
const { EXIT_BAD_INPUT, EXIT_FATAL, WalletError } = await import("./wallet-error.ts");

/** `npm run wallet -- ...`: exits as --help says. */
try {
  process.exitCode = (await runCommandLine(process.argv.slice(2), process.env)) ?? 0;
} catch (error) {
  if (error instanceof WalletError || error instanceof SecretError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof WalletError ? error.status : EXIT_BAD_INPUT;
  } else {
    // A mistake of ours. What Node.js would exit with (1) means something else here.
    process.stderr.write(`The wallet failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = EXIT_FATAL;
  }
}
