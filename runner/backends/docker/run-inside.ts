import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import type { DockerEngine } from "./docker-engine.ts";

/** A process that was started in a container beside its own. */
export interface InsideProcess {
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  /** Ends its standard input, if it was started with one. */
  readonly endInput: () => void;
  /** Hears it no more; what is left of it ends with its container. */
  readonly leave: () => void;
}

/** Starts a process in a container that runs, with a standard input that stays open if `hasInput`, else none. Throws an `EngineError`. */
export async function startInside(
  engine: DockerEngine,
  container: string,
  command: readonly string[],
  hasInput = false,
): Promise<InsideProcess> {
  const outputs = { AttachStdout: true, AttachStderr: true };
  const exec = await engine.ask("run a process inside", (docker) =>
    docker.getContainer(container).exec({ Cmd: [...command], ...outputs, AttachStdin: hasInput }),
  );
  const start = hasInput ? { hijack: true, stdin: true } : {};
  const both = await engine.ask("run a process inside", (docker) => docker.getExec(exec.id).start(start));
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  engine.streams.modem.demuxStream(both, stdout, stderr);
  const end = () => {
    stdout.end();
    stderr.end();
  };
  both.on("end", end).on("close", end).on("error", end);
  return { stdout, stderr, endInput: () => both.end(), leave: () => both.destroy() };
}

/** Runs a process to its end; null when it takes longer. Throws an `EngineError`. */
export async function runInside(
  engine: DockerEngine,
  container: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<{ stdout: string; stderr: string } | null> {
  const { stdout, stderr, leave } = await startInside(engine, container, command);
  const said = Promise.all([text(stdout), text(stderr)]);
  const ended = await Promise.race([said, setTimeout(timeoutMs, null, { ref: false })]);
  leave();
  return ended === null ? null : { stdout: ended[0], stderr: ended[1] };
}
