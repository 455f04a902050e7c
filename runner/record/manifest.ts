import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, platform, release, totalmem } from "node:os";
import type { RunPlan } from "../plan.ts";

/** Changes when a file of the folder changes its meaning. */
export const RESULTS_FORMAT_VERSION = 1;

const ROOT = new URL("../../", import.meta.url);

/** What only the runner knows of a run. All that varies between machines and moments is here, and in no CSV file. */
export interface RunFacts {
  /** The scenario with every default filled in, as the parser gives it; bigints become strings. */
  readonly scenario: unknown;
  readonly backend: string;
  /** Repeats this run when pasted into a shell. */
  readonly command: string;
  /** Of the simulator; null on live backends. */
  readonly modelVersion: number | null;
  /** What the nodes ran on besides this machine, such as a container engine; null when that is nothing. */
  readonly engine: Readonly<Record<string, string>> | null;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  /** Ctrl-C or a failure ended the run before its time. */
  readonly interrupted: boolean;
}

export interface Machine {
  readonly cpuModel: string;
  readonly coreCount: number;
  readonly memoryBytes: number;
  readonly operatingSystem: string;
}

/** The content of manifest.json. */
export function manifestOf(
  plan: RunPlan,
  facts: RunFacts,
  log: { sha256: string; eventCount: number },
): unknown {
  return {
    formatVersion: RESULTS_FORMAT_VERSION,
    name: plan.name,
    seed: plan.seed,
    backend: facts.backend,
    command: facts.command,
    interrupted: facts.interrupted,
    startedAt: facts.startedAt.toISOString(),
    finishedAt: facts.finishedAt.toISOString(),
    wallSeconds: (facts.finishedAt.getTime() - facts.startedAt.getTime()) / 1_000,
    eventCount: log.eventCount,
    eventLogSha256: log.sha256,
    versions: { forklab: readVersion(), model: facts.modelVersion, node: process.version },
    engine: facts.engine,
    git: readGitState(),
    machine: describeMachine(),
    scenario: facts.scenario,
  };
}

/** JSON as it stands in the folder: two spaces, a line end at the end, bigints as decimal strings. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, (_key, each) => (typeof each === "bigint" ? `${each}` : each), 2);
  return `${text}\n`;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpuModel: processors[0]?.model.trim() ?? "unknown",
    coreCount: processors.length,
    memoryBytes: totalmem(),
    operatingSystem: `${platform()} ${release()} ${arch()}`,
  };
}

/** The commit that was run and whether files differed from it; null outside a repository or without git. */
export function readGitState(): { commit: string; isDirty: boolean } | null {
  const git = (...words: string[]) =>
    execFileSync("git", words, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return { commit: git("rev-parse", "HEAD"), isDirty: git("status", "--porcelain") !== "" };
  } catch {
    return null;
  }
}

function readVersion(): string | null {
  const description: unknown = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8"));
  const hasVersion = typeof description === "object" && description !== null && "version" in description;
  return hasVersion && typeof description.version === "string" ? description.version : null;
}
