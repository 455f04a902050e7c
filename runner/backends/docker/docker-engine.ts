import Docker from "dockerode";
import { OperationError } from "../live/operation-error.ts";

/** A call that asks or changes one thing. Making thirty networks and containers at once on two busy cores keeps a single call waiting for seconds. */
const CALL_TIMEOUT_MS = 60_000;

/** For the first call: an engine that is there answers in milliseconds. */
const HELLO_TIMEOUT_MS = 5_000;

/** What the engine did not do. */
export class EngineError extends OperationError {
  override readonly name = "EngineError";
  /** HTTP status of the engine's answer; null when there was none. */
  readonly status: number | null;

  constructor(message: string, status: number | null) {
    super(message);
    this.status = status;
  }
}

/** Of the engine, for the manifest. */
export interface EngineVersion {
  readonly version: string;
  readonly apiVersion: string;
  readonly kernel: string;
}

export type EngineOpening =
  | { readonly ok: true; readonly engine: DockerEngine }
  | { readonly ok: false; readonly reason: string };

/**
 * A Docker engine on this machine. It is found as the docker command finds it without contexts: DOCKER_HOST and its companions, or the local
 * socket. Every call of `ask` ends within `CALL_TIMEOUT_MS`.
 */
export class DockerEngine {
  readonly version: EngineVersion;
  /** Without a timeout of silence: for output that is followed, and for waiting. Whoever uses it bounds it. */
  readonly streams: Docker;
  readonly #calls: Docker;

  private constructor(version: EngineVersion) {
    this.version = version;
    this.streams = new Docker();
    this.#calls = new Docker({ timeout: CALL_TIMEOUT_MS });
  }

  /** Looks whether an engine answers that this backend can use; else says what to do about it. */
  static async open(env: NodeJS.ProcessEnv = process.env): Promise<EngineOpening> {
    const remote = remoteHost(env.DOCKER_HOST ?? "");
    if (remote !== null)
      return {
        ok: false,
        reason: `DOCKER_HOST names another machine (${remote}), but the runner reaches its containers on 127.0.0.1: run it on that machine, or unset DOCKER_HOST`,
      };
    try {
      const docker = new Docker({ timeout: HELLO_TIMEOUT_MS });
      const { Version, ApiVersion, KernelVersion, Os } = await docker.version();
      if (Os !== "linux")
        return { ok: false, reason: `the Docker engine runs ${Os} containers, not Linux ones` };
      return {
        ok: true,
        engine: new DockerEngine({ version: Version, apiVersion: ApiVersion, kernel: KernelVersion }),
      };
    } catch (error) {
      return { ok: false, reason: describeAbsence(error, env.DOCKER_HOST) };
    }
  }

  /** Does one call; what it rejects with becomes an `EngineError` that begins with `what`. */
  async ask<T>(what: string, call: (docker: Docker) => Promise<T>): Promise<T> {
    const startMs = performance.now();
    try {
      return await call(this.#calls);
    } catch (error) {
      const isLate = performance.now() - startMs >= CALL_TIMEOUT_MS;
      const why = isLate ? `no answer within ${CALL_TIMEOUT_MS / 1_000} s` : messageOf(error);
      throw new EngineError(`${what}: ${why}`, statusOf(error));
    }
  }

  /** As `ask`, but what is not there (any more) is null. */
  async askOrNull<T>(what: string, call: (docker: Docker) => Promise<T>): Promise<T | null> {
    try {
      return await this.ask(what, call);
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return null;
      throw error;
    }
  }
}

/** The host that DOCKER_HOST names if it is not this machine; else null. */
export function remoteHost(dockerHost: string): string | null {
  const address = /^(?:tcp|https?|ssh):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(dockerHost)?.[1] ?? null;
  if (address === null || /^(localhost|127\..*|\[::1\])$/.test(address)) return null;
  return address;
}

function describeAbsence(error: unknown, dockerHost: string | undefined): string {
  const where =
    dockerHost === undefined || dockerHost === "" ? "its usual socket" : `DOCKER_HOST=${dockerHost}`;
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EACCES")
    return `this user may not use the Docker engine (${where}): add it to the group docker, or use a rootless engine and set DOCKER_HOST`;
  const why = code === "ENOENT" ? "there is none" : messageOf(error);
  return `no Docker engine answers (${where}: ${why}). Start one (systemctl start docker, or Docker Desktop), or run with --on processes, which needs none`;
}

function statusOf(error: unknown): number | null {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : null;
}

/** The engine's own words where it gave some. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const json: unknown = "json" in error ? error.json : null;
  if (typeof json === "object" && json !== null && "message" in json) return String(json.message);
  return error.message.trim();
}
