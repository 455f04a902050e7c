import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** On everything that a run makes in an engine, so that whatever it leaves behind can be told from what others made. */
export const RUN_LABEL = "org.forklab.run";
export const NODE_LABEL = "org.forklab.node";
/** `PID@HOST` of the runner. */
export const RUNNER_LABEL = "org.forklab.runner-pid";
/** When that process was started, in the kernel's count: another process may have its number by now. Empty where there is no /proc. */
const RUNNER_START_LABEL = "org.forklab.runner-start";

export type Labels = Readonly<Record<string, string>>;

/** `gone`: the runner is no more, and what it made is a leftover. `elsewhere`: it ran on another host, which nobody here can ask. */
export type Owner = "alive" | "gone" | "elsewhere";

export function runLabels(runId: string): Labels {
  return {
    [RUN_LABEL]: runId,
    [RUNNER_LABEL]: `${process.pid}@${hostname()}`,
    [RUNNER_START_LABEL]: startOf(process.pid) ?? "",
  };
}

export function nodeLabels(runId: string, node: string): Labels {
  return { ...runLabels(runId), [NODE_LABEL]: node };
}

/** Whether who made something still runs. What carries no such label is nobody's here: `elsewhere`. */
export function ownerOf(labels: Labels): Owner {
  const [, pidText = "", host = ""] = /^(\d+)@(.+)$/.exec(labels[RUNNER_LABEL] ?? "") ?? [];
  if (host !== hostname()) return "elsewhere";
  const pid = Number(pidText);
  if (!isRunning(pid)) return "gone";
  const start = startOf(pid);
  const startThen = labels[RUNNER_START_LABEL] ?? "";
  return start === null || startThen === "" || start === startThen ? "alive" : "gone";
}

/** Whether there is such a process, whoever it is by now. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs and is another user's. ESRCH: there is none.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  // One that has ended and that its parent has not asked about has its number still.
  return statOf(pid)?.[0] !== "Z";
}

/** Clock ticks from the start of the machine to that of the process; null where there is no /proc. Source: proc(5), /proc/pid/stat, field 22. */
function startOf(pid: number): string | null {
  return statOf(pid)?.[19] ?? null;
}

/** From the process's state on. */
function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    // Not Linux, or it has just ended: the number alone decides.
    return null;
  }
}
