import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bigintsAsText } from "../live/node-client.ts";
import type { LifeRequest, LifeStart, NodePlace } from "../live/node-life.ts";
import { NodeProcess } from "./node-process.ts";
import type { Watchdog } from "./watchdog.ts";

/** Processes of this machine as the place where nodes live, each with a folder of the run's and a port of its own over all its lives. */
export class ProcessPlace implements NodePlace {
  readonly noun = "process";
  /** Known once the run starts. */
  chainFile = "";
  readonly #folder: string;
  readonly #watchdog: Watchdog;
  readonly #main: string | undefined;
  readonly #ports = new Map<number, string>();

  constructor(folder: string, watchdog: Watchdog, main: string | undefined) {
    this.#folder = folder;
    this.#watchdog = watchdog;
    this.#main = main;
  }

  async start(request: LifeRequest, signal: AbortSignal): Promise<LifeStart> {
    const { node, name, conditions, controlToken, logFile } = request;
    const dir = join(this.#folder, "nodes", name);
    await mkdir(dir, { recursive: true });
    const linksFile = join(this.#folder, "nodes", `${name}.links.json`);
    await writeFile(linksFile, JSON.stringify(conditions, bigintsAsText, 2));
    const flags = [
      ...["--host", "127.0.0.1", "--port", this.#ports.get(node) ?? "0"],
      ...["--dir", dir, "--chain", this.chainFile, "--links", linksFile],
      ...request.flags,
    ];
    const main = this.#main === undefined ? {} : { main: this.#main };
    const settings = { name, flags, controlToken, logFile, ...main };
    const started = await NodeProcess.start(settings, this.#watchdog, signal);
    if (started.ok) this.#ports.set(node, new URL(started.life.url).port);
    return started;
  }
}
