import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import * as z from "zod";
import { readLogTail } from "./log-tail.ts";
import type { LifeEnd } from "./node-life.ts";

/** From its start to the listening line. A node takes half a second of processor; twenty on two busy cores take twenty times that. */
const START_TIMEOUT_MS = 60_000;

const listeningLine = z.object({
  event: z.literal("listening"),
  url: z.string(),
  genesis: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A node that is starting, before anyone knows whether it will listen. */
export interface StartingNode {
  readonly name: string;
  /** Ends when the node does. */
  readonly stdout: Readable;
  readonly logFile: string;
  readonly ended: Promise<LifeEnd>;
  readonly kill: () => Promise<void>;
}

export type Listening =
  | { readonly ok: true; readonly url: string; readonly genesisHash: string }
  | { readonly ok: false; readonly reason: string };

/** Waits until a node says that it listens. One that ends first, or says something else or nothing in time, is killed and is a failure with its last words. */
export async function untilListening(node: StartingNode, signal: AbortSignal): Promise<Listening> {
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
  const line = await firstLine(node.stdout, AbortSignal.any([signal, timeout]));
  const parsed = listeningLine.safeParse(parseJson(line));
  if (parsed.success) return { ok: true, url: parsed.data.url, genesisHash: parsed.data.genesis };
  const why = signal.aborted
    ? "interrupted"
    : timeout.aborted
      ? `did not listen within ${START_TIMEOUT_MS / 1_000} s`
      : null;
  if (why !== null || line !== null) await node.kill();
  const end = await node.ended;
  const what = why ?? (line === null ? end.text : "said something else than that it listens");
  const tail = await readLogTail(node.logFile);
  return {
    ok: false,
    reason: `${node.name} ${what}. Its last words (${node.logFile}):\n${tail.replaceAll(/^/gm, "    ")}`,
  };
}

/** Null when the output ends, or when aborted. What follows the first line is read and dropped. */
async function firstLine(stdout: Readable, signal: AbortSignal): Promise<string | null> {
  const lines = createInterface({ input: stdout });
  return await new Promise((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(null));
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

function parseJson(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is not the listening line; the caller shows what the node said.
    return null;
  }
}
