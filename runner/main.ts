import { parseCommandLine } from "./command-line.ts";
import { EXIT_FAILED } from "./exit-status.ts";
import { runScenario } from "./run-scenario.ts";

/** `npm run scenario FILE -- ...`: runs a scenario and exits with what became of it (`exit-status.ts`). */

for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error: unknown) => {
    // A mistake of ours. What Node.js would exit with (1) means something else here.
    process.stderr.write(`The testbed failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(EXIT_FAILED);
  });

const command = parseCommandLine(process.argv.slice(2));
if (command.kind === "exit") process.exitCode = command.status;
// Whatever still holds the event loop (a keep-alive socket, a timer) is no longer of interest.
else process.exit(await runScenario(command.options));
