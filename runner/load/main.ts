import { EndlessRun } from "./endless-run.ts";
import { LoadClient } from "./load-client.ts";
import { parseLoadCommand } from "./load-command.ts";
import { NodeFinder } from "./node-finder.ts";

/** The load generator as a process. It needs no backend and no scenario: nodes are found while they run. */
const command = parseLoadCommand(process.argv.slice(2));
if (command.kind === "exit") process.exitCode = command.status;
else {
  const { options } = command;
  const ending = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => ending.abort());
  const client = new LoadClient();
  const finder = new NodeFinder(client, options.registryUrl, options.nodeUrls);
  const say = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);
  await new EndlessRun(options, client, finder, say).run(ending.signal);
  // At once: a socket that is still being opened, to a node that is gone, would keep the process for seconds.
  process.exit(0);
}
