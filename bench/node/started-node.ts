import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../node/launch.js", import.meta.url));

/** Until what a start leaves behind is collected, ms. */
const SETTLE_MS = 5_000;

export interface Started {
  readonly startSec: number;
  readonly residentMb: number;
}

/** A node that mines nothing, started and ended again. */
export function startNode(args: readonly string[]): Promise<Started> {
  return startProcess([MAIN, "--mine", "off", "--name", "bench", "--port", "0", ...args]);
}

/** From the start of a process to its first line, and its memory once it has settled. */
export async function startProcess(args: readonly string[]): Promise<Started> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  try {
    await firstLine(child);
    const startSec = (performance.now() - startedMs) / 1_000;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return { startSec, residentMb: residentMbOf(child.pid ?? 0) };
  } finally {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new Error("no output to read");
  for await (const _ of createInterface({ input: stdout })) return;
  throw new Error("the node did not start");
}

function residentMbOf(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) / 1_000;
}
