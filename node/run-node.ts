import type { Logger } from "pino";
import { StorageError } from "./adapters/store/storage-error.ts";
import { readConfig } from "./config.ts";
import { BodyLostError } from "./core/state/block-archive.ts";
import { type LiveNode, startNode } from "./live-node.ts";
import { makeLog } from "./make-log.ts";
import { StartError } from "./start-error.ts";

/** A mistake of ours ended the node. Source: sysexits.h, EX_SOFTWARE. */
const EXIT_FATAL = 70;
const EXIT_BAD_SETTINGS = 2;
const EXIT_START_FAILED = 1;
/** The disk failed while the node ran. Source: sysexits.h, EX_IOERR. */
const EXIT_STORAGE = 74;

/** A clean end that takes longer is cut short, ms: whoever stops a node waits for two seconds, and on a busy machine the process needs some of it to go. */
const SHUTDOWN_MS_MAX = 1_000;

/** The node as a process: settings in, exit code out. */
export async function runNode(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const config = readConfig(args, env);
  if (!config.ok) {
    (config.exitCode === 0 ? process.stdout : process.stderr).write(config.text);
    process.exitCode = config.exitCode;
    return;
  }
  const { settings } = config;
  const log = makeLog(settings.logLevel, settings.name === null ? {} : { node: settings.name });
  const fatal = (error: unknown): never => {
    if (error instanceof StorageError || error instanceof BodyLostError) {
      // No mistake of ours: whoever runs the node reads one sentence, not a stack.
      log.fatal({ reason: error.message }, "storage-failed");
      process.stderr.write(`forklab node: ${error.message}\n`);
      process.exit(EXIT_STORAGE);
    }
    log.fatal({ err: error }, "fatal");
    process.exit(EXIT_FATAL);
  };
  process.on("uncaughtException", fatal);
  process.on("unhandledRejection", fatal);

  let node: LiveNode;
  try {
    node = await startNode(settings, { log, fatal, shutdown: () => void stop(node, log) });
  } catch (error) {
    if (!(error instanceof StartError || error instanceof StorageError || error instanceof BodyLostError))
      throw error;
    process.stderr.write(`forklab node: ${error.message}\n`);
    process.exit(error instanceof StartError && error.isBadSetting ? EXIT_BAD_SETTINGS : EXIT_START_FAILED);
  }
  process.once("SIGTERM", () => void stop(node, log));
  process.once("SIGINT", () => void stop(node, log));
  const { name, url, genesis } = node;
  process.stdout.write(`${JSON.stringify({ event: "listening", url, name, genesis, pid: process.pid })}\n`);
  if (process.stderr.isTTY) process.stderr.write(`${name} listens on ${url} (status: ${url}/status)\n`);
}

/** Nothing needs to be flushed: what was told to anyone is in the file. */
async function stop(node: LiveNode, log: Logger): Promise<void> {
  setTimeout(() => process.exit(0), SHUTDOWN_MS_MAX).unref();
  await node.close();
  log.info("stopped");
  process.exit(0);
}
