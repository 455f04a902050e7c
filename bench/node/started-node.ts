import { readFileSync } from "node:fs";
import { Child } from "./child.ts";

/** Until what a start leaves behind is collected, ms. */
const SETTLE_MS = 5_000;

export interface Started {
  readonly startSec: number;
  readonly residentMb: number;
}

/** A node that mines nothing, started and ended again. */
export function startNode(args: readonly string[]): Promise<Started> {
  return startProcess("../../node/launch.js", ["--mine", "off", "--name", "bench", "--port", "0", ...args]);
}

/** From the start of a process to its first line, and its memory once it has settled. `script`: from this folder. */
export async function startProcess(script: string, args: readonly string[] = []): Promise<Started> {
  const startedMs = performance.now();
  const child = new Child(script, args);
  try {
    await child.line();
    const startSec = (performance.now() - startedMs) / 1_000;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return { startSec, residentMb: residentMbOf(child.pid) };
  } finally {
    await child.end();
  }
}

function residentMbOf(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) / 1_000;
}
