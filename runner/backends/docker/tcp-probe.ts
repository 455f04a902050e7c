import * as z from "zod";
import { type DockerEngine, EngineError } from "./docker-engine.ts";
import { NODE_PORT } from "./node-container.ts";
import { runInside } from "./run-inside.ts";

/** On a network of one machine a connection is made in a millisecond, or not at all; the kernel's second try comes after a second. */
const CONNECT_TIMEOUT_MS = 700;

/** A process in a container, on a busy machine. */
const EXEC_TIMEOUT_MS = 15_000;

/** Runs in the container: which of the addresses it was given can be connected to. */
const SCRIPT = `
  const { connect } = require("node:net");
  const [port, timeout, ...hosts] = process.argv.slice(1);
  const tryOne = (host) => new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: Number(timeout) });
    const end = (isReached) => { socket.destroy(); resolve(isReached ? [host] : []); };
    socket.on("connect", () => end(true)).on("timeout", () => end(false)).on("error", () => end(false));
  });
  Promise.all(hosts.map(tryOne)).then((reached) => process.stdout.write(JSON.stringify(reached.flat())));
`;

const reachedSchema = z.array(z.string());

/** Which of these addresses a process in the container can open a connection to, on the port of a node. Throws an `EngineError`. */
export async function connectFromInside(
  engine: DockerEngine,
  container: string,
  hosts: readonly string[],
): Promise<string[]> {
  const command = ["node", "-e", SCRIPT, `${NODE_PORT}`, `${CONNECT_TIMEOUT_MS}`, ...hosts];
  const said = await runInside(engine, container, command, EXEC_TIMEOUT_MS);
  const parsed = reachedSchema.safeParse(parseJson(said?.stdout ?? ""));
  if (parsed.success) return parsed.data;
  throw new EngineError(`a probe from inside said ${JSON.stringify(said ?? "nothing in time")}`, null);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // What it said instead is shown by the caller.
    return null;
  }
}
