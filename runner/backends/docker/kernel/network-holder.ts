import type Docker from "dockerode";
import { type DockerEngine, EngineError } from "../docker-engine.ts";
import type { Labels } from "../labels.ts";
import { ContainerShell, SHELL_OPTIONS } from "./container-shell.ts";
import type { DelayTable } from "./delay-distribution.ts";
import type { Command } from "./tc-commands.ts";

/** A shell and what it starts: `tc` with some thousand rules takes a few megabytes. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;
const PROCESSES_MAX = 32;

export interface HolderSettings {
  readonly containerName: string;
  /** Has `sh`, `ip` and `tc`. */
  readonly image: string;
  readonly labels: Labels;
  /** How it is on the network: mode, published ports, names of others. */
  readonly network: Pick<Docker.ContainerCreateOptions, "ExposedPorts"> & {
    readonly HostConfig: Docker.HostConfig;
  };
  /** The container is removed as soon as it ends, or nobody holds its shell any more. */
  readonly isShortLived: boolean;
  /** Called when the container is made and has yet to start. */
  readonly made: (container: string) => Promise<void>;
}

/**
 * A container that does nothing but hold a network namespace and change the rules in it. It alone may: it has the capability NET_ADMIN, within its own
 * namespace, and no other. The node lives in the namespace without it, and may crash and come back: addresses and rules stay.
 */
export class NetworkHolder {
  readonly id: string;
  readonly #shell: ContainerShell;

  private constructor(id: string, shell: ContainerShell) {
    this.id = id;
    this.#shell = shell;
  }

  /** Throws an `EngineError`, as everything here does. */
  static async start(engine: DockerEngine, settings: HolderSettings): Promise<NetworkHolder> {
    const { containerName: name, isShortLived } = settings;
    const { id } = await engine.ask(`create ${name}`, (docker) =>
      docker.createContainer(optionsOf(settings)),
    );
    try {
      await settings.made(id);
      const shell = await ContainerShell.attach(engine, id, name);
      await engine.ask(`start ${name}`, (docker) => docker.getContainer(id).start());
      await shell.run(`export TC_LIB_DIR=${TABLES}`);
      return new NetworkHolder(id, shell);
    } catch (error) {
      if (isShortLived) await removeContainer(engine, id);
      throw error;
    }
  }

  /** Does these commands one after the other, in as few processes as there are changes of tool; the first that fails ends it, and is named. */
  async run(commands: readonly Command[]): Promise<void> {
    const failure = await this.tryAll(commands);
    if (failure !== null)
      throw new EngineError(`${failure.command.join(" ")}: ${failure.output || "failed"}`, null);
  }

  /** The same, with the first that fails and what was said of it; null when none does. */
  async tryAll(commands: readonly Command[]): Promise<{ command: Command; output: string } | null> {
    for (const batch of batchesOf(commands)) {
      const [tool = ""] = batch[0] ?? [];
      const lines = batch.map(([, ...words]) => words.join(" "));
      const { status, output } = await this.#shell.run(`${tool} -batch - <<'END'\n${lines.join("\n")}\nEND`);
      if (status === 0) continue;
      const [, said = output, line = "1"] = /^([\s\S]*?)\s*Command failed -:(\d+)/.exec(output) ?? [];
      return { command: batch[Number(line) - 1] ?? batch[0] ?? [tool], output: said.trim() };
    }
    return null;
  }

  /** What a command says. */
  async read(command: Command): Promise<string> {
    const { status, output } = await this.#shell.run(command.join(" "));
    if (status === 0) return output;
    throw new EngineError(`${command.join(" ")}: ${output}`, null);
  }

  /** Puts a table of delays where `tc` looks for it by name. */
  async putTable({ name, values }: DelayTable): Promise<void> {
    await this.#shell.run(`cat >${TABLES}/${name}.dist <<'END'\n${values.join("\n")}\nEND`);
  }
}

/** The one folder of the container that can be written. */
const TABLES = "/tmp";

export async function removeContainer(engine: DockerEngine, id: string): Promise<void> {
  await engine.askOrNull(`remove container ${id}`, (docker) =>
    docker.getContainer(id).remove({ force: true, v: true }),
  );
}

function optionsOf({ containerName, image, labels, network, isShortLived }: HolderSettings) {
  return {
    ...SHELL_OPTIONS,
    name: containerName,
    Image: image,
    Labels: { ...labels },
    User: "0:0",
    Healthcheck: { Test: ["NONE"] },
    ...network,
    HostConfig: {
      Tmpfs: { "/tmp": "rw,nosuid,nodev,noexec,size=16m" },
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      CapAdd: ["NET_ADMIN"],
      SecurityOpt: ["no-new-privileges"],
      Memory: MEMORY_BYTES_MAX,
      MemorySwap: MEMORY_BYTES_MAX,
      PidsLimit: PROCESSES_MAX,
      AutoRemove: isShortLived,
      ...network.HostConfig,
    },
  } satisfies Docker.ContainerCreateOptions;
}

/** Neighbours of one tool together. */
function batchesOf(commands: readonly Command[]): Command[][] {
  const batches: Command[][] = [];
  for (const command of commands) {
    const last = batches.at(-1);
    if (last?.[0]?.[0] === command[0]) last?.push(command);
    else batches.push([command]);
  }
  return batches;
}
