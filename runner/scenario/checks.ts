import { topologyFinding } from "../topology/topology-checks.ts";
import type { Finding } from "./issues.ts";
import type { PartialSettings } from "./partial-settings.ts";
import { checkTimeline } from "./timeline-checks.ts";

/**
 * What no single value shows: settings that do not go together. Looks at the sections that could be decoded, so that a
 * mistake in one does not hide those of another.
 */
export function checkScenario(settings: PartialSettings): Finding[] {
  return [
    ...checkTimes(settings),
    ...checkHashRates(settings),
    ...checkNetwork(settings),
    ...checkTransactions(settings),
    ...checkTimeline(settings),
    ...checkExpectations(settings),
  ];
}

const at = (path: Finding["path"], message: string): Finding => ({ path, at: "value", message });

function checkTimes({ duration, warmUp }: PartialSettings): Finding[] {
  if (duration === undefined || warmUp === undefined || warmUp.us < duration.us) return [];
  return [at(["warmUp"], "expected less than the duration of the run: nothing would be left to measure")];
}

function checkHashRates({ nodes }: PartialSettings): Finding[] {
  if (nodes === undefined) return [];
  const path = ["nodes", "hashRate"];
  const { count, hashRate } = nodes;
  if (Array.isArray(hashRate)) {
    if (hashRate.length !== count)
      return [at(path, `expected ${count} hash rates, one for each node, found ${hashRate.length}`)];
    return hashRate.some((rate) => rate.hashesPerSec > 0) ? [] : [nobodyMines(path)];
  }
  if ("shares" in hashRate) {
    if (hashRate.shares.length > count)
      return [
        at(
          [...path, "shares"],
          `expected at most ${count} shares, one for each node, found ${hashRate.shares.length}`,
        ),
      ];
    if (!hashRate.shares.some((share) => share > 0)) return [nobodyMines([...path, "shares"])];
    return hashRate.total.hashesPerSec > 0 ? [] : [nobodyMines([...path, "total"])];
  }
  return hashRate.hashesPerSec > 0 ? [] : [nobodyMines(path)];
}

const nobodyMines = (path: Finding["path"]) =>
  at(path, "expected at least one node with a hash rate above zero");

function checkNetwork({ nodeCount, network }: PartialSettings): Finding[] {
  if (network === undefined) return [];
  const findings: Finding[] = [];
  const { latency, topology } = network;
  if (
    latency !== undefined &&
    "kind" in latency &&
    latency.kind === "uniform" &&
    latency.min.us > latency.max.us
  )
    findings.push(at(["network", "latency", "min"], "expected at most max"));
  if (latency !== undefined && topology.kind === "regions")
    findings.push(
      at(["network", "latency"], "not together with the topology regions, which brings its own latencies"),
    );
  if (nodeCount !== undefined) {
    const finding = topologyFinding(topology, nodeCount);
    if (finding !== null) findings.push(at(["network", "topology", ...finding.path], finding.message));
  }
  return findings;
}

/** What a plan keeps in memory, and what an hour of simulation can digest. */
export const TRANSACTION_COUNT_MAX = 1_000_000;

function checkTransactions({ transactions, duration }: PartialSettings): Finding[] {
  if (transactions === undefined) return [];
  const findings: Finding[] = [];
  const { fee, rate, accounts } = transactions;
  if (typeof fee !== "number" && fee.min > fee.max)
    findings.push(
      at(["transactions", "fee", "min"], `expected at most max, which is ${fee.max}, found ${fee.min}`),
    );
  if (duration !== undefined && (rate.perSec * duration.us) / 1e6 > TRANSACTION_COUNT_MAX)
    findings.push(
      at(["transactions", "rate"], `expected at most ${TRANSACTION_COUNT_MAX} transactions in the whole run`),
    );
  if (accounts === 1 && transactions.kind === "transfer" && rate.perSec > 0)
    findings.push(
      at(["transactions", "accounts"], "expected at least 2 accounts: a transfer goes to another one"),
    );
  return findings;
}

function checkExpectations({ expect }: PartialSettings): Finding[] {
  return Object.entries(expect ?? {}).flatMap(([name, bound]) => {
    if (bound === undefined || "within" in bound) return [];
    if (bound.min === undefined && bound.max === undefined)
      return [at(["expect", name], "expected min, max or both, found neither")];
    const isCrossed = bound.min !== undefined && bound.max !== undefined && bound.min > bound.max;
    return isCrossed ? [at(["expect", name, "min"], "expected at most max")] : [];
  });
}
