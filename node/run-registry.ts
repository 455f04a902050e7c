import { mkdirSync } from "node:fs";
import type { Logger } from "pino";
import { makeRegistryServer } from "./adapters/http/registry-server.ts";
import type { WebServer } from "./adapters/http/web-server.ts";
import { DirectoryLock } from "./adapters/store/directory-lock.ts";
import { StorageError } from "./adapters/store/storage-error.ts";
import { urlOf } from "./adapters/system/url-of.ts";
import { Prng } from "./core/support/prng.ts";
import { makeLog } from "./make-log.ts";
import { ProcessDiscovery } from "./process-discovery.ts";
import { type RegistrySettings, readRegistryConfig } from "./registry-config.ts";
import { listenError, StartError } from "./start-error.ts";

/** A mistake of ours ended the registry. Source: sysexits.h, EX_SOFTWARE. */
const EXIT_FATAL = 70;
const EXIT_BAD_SETTINGS = 2;
const EXIT_START_FAILED = 1;

/** Nodes that a registry knows, at most: one that all of them ask is a small one, and its whole list fits an answer. */
const REGISTRY_KNOWN_COUNT_MAX = 1_024;

/** The registry as a process: settings in, exit code out. */
export async function runRegistry(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const config = readRegistryConfig(args, env);
  if (!config.ok) {
    (config.exitCode === 0 ? process.stdout : process.stderr).write(config.text);
    process.exitCode = config.exitCode;
    return;
  }
  const log = makeLog(config.settings.logLevel);
  const fatal = (error: unknown): never => {
    log.fatal({ err: error }, "fatal");
    process.exit(EXIT_FATAL);
  };
  process.on("uncaughtException", fatal);
  process.on("unhandledRejection", fatal);
  try {
    const { url, close } = await startRegistry(config.settings, log, fatal);
    const stop = () => void close().then(() => process.exit(0));
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
    process.stdout.write(`${JSON.stringify({ event: "listening", url, pid: process.pid })}\n`);
    if (process.stderr.isTTY) process.stderr.write(`the registry listens on ${url} (nodes: ${url}/nodes/)\n`);
  } catch (error) {
    if (!(error instanceof StartError || error instanceof StorageError)) throw error;
    process.stderr.write(`forklab registry: ${error.message}\n`);
    process.exit(error instanceof StartError && error.isBadSetting ? EXIT_BAD_SETTINGS : EXIT_START_FAILED);
  }
}

async function startRegistry(settings: RegistrySettings, log: Logger, fatal: (error: unknown) => never) {
  const { host, port, dir } = settings;
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw new StorageError(`the folder ${dir} cannot be made: ${String(error)}`, { cause: error });
  }
  const lock = DirectoryLock.take(dir);
  const draws = new Prng("registry").stream("discovery");
  const plan = { ...settings, peerLimit: 0, countMax: REGISTRY_KNOWN_COUNT_MAX, draws };
  const discovery = new ProcessDiscovery(plan, { folder: dir, links: null, telemetry: null, log, fatal });
  const server: WebServer = makeRegistryServer(discovery.directory, fatal);
  const actualPort = await server.listen(host, port).catch((error: unknown) => {
    throw listenError(error, host, port);
  });
  const url = urlOf(host, actualPort);
  discovery.start(url);
  log.info({ url, dir }, "started");
  const close = async () => {
    discovery.close();
    await server.close();
    lock.release();
    log.info("stopped");
  };
  return { url, close };
}
