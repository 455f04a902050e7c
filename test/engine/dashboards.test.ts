import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { alertRules, rulesFile } from "../../dashboards/rules.ts";
import { prometheusConfig } from "../../runner/observe/prometheus-config.ts";
import { chainJson, NodeUnderTest, Scratch, until } from "../support/live-process.ts";
import {
  allAnswered,
  panelsOnly,
  queriesOfAll,
  RECORDED,
  WITHOUT_LOAD_AND_DELAY,
} from "./dashboard-queries.ts";
import { engineSuite } from "./need-engine.ts";
import { PrometheusContainer } from "./prometheus-container.ts";

const TEST_TIMEOUT_MS = 110_000;
const PATIENCE_MS = 60_000;
const SCRAPE_SEC = 1;
const TIMES = { holdSec: 2 };
const RULE_FILES = ["/etc/prometheus/rules.yml"];

const SCENARIO = `name: observed
seed: 7
duration: 90s
nodes: { count: 4, hashRate: 10kH/s }
chain: { difficulty: 14 }
network: { latency: 10ms }
transactions: { rate: 5/s, confirmations: 2 }
timeline:
  - { at: 8s, partition: [[0, 1], [2, 3]] }
  - { at: 16s, heal: all }
`;

engineSuite("the dashboards, asked of a real Prometheus", () => {
  test("over a run with load and faults every query of every panel and every rule gives numbers", {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    using scratch = new Scratch();
    const file = scratch.dir("observed.yaml");
    writeFileSync(file, SCENARIO);
    const words = ["runner/main.ts", file, "--observe", "127.0.0.1:0", "--out", scratch.dir("results")];
    const runner = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "ignore"] });
    const ended = new Promise((resolve) => runner.once("exit", resolve));
    try {
      let said = "";
      runner.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
      const run = await until(() => /Observed at http:\/\/(\S+)\/metrics/.exec(said)?.[1] ?? null);
      const config = prometheusConfig({
        nodes: { discoveryUrl: `http://${run}/targets`, refreshSec: 1 },
        run,
        ruleFiles: RULE_FILES,
        intervalSec: SCRAPE_SEC,
      });
      await using prometheus = await PrometheusContainer.start({ config, rules: rulesFile(TIMES) });
      const all = [...queriesOfAll("network", "transactions", "node", "experiment"), ...RECORDED];
      expect(all.length).toBeGreaterThan(80);
      await allAnswered(prometheus, all);
      expect(await prometheus.instant('up{job="node"} == 1')).toHaveLength(4);
      const [scenario] = await prometheus.instant("forklab_run_info");
      expect(scenario?.labels).toMatchObject({ scenario: "observed", seed: "7", backend: "processes" });
      const marks = await prometheus.instant("forklab_run_fault_time_seconds");
      expect(marks.map(({ labels }) => labels.word)).toContain("partition");
    } finally {
      runner.kill("SIGINT");
      await ended;
    }
  });

  test("without load every panel is filled, the experiment says that no run is observed, and each alert fires and resolves", {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    using scratch = new Scratch();
    const chain = scratch.json("chain.json", chainJson());
    const start = (name: string, ...more: string[]) =>
      NodeUnderTest.start([
        ...["--name", name, "--dir", scratch.dir(name), "--chain", chain, "--key-seed", name, "--seed", name],
        ...["--mine", "continuous", "--hash-rate", "2kH/s", "--log-level", "error", ...more],
      ]);
    await using a = await start("a");
    await using b = await start("b", "--peer", a.url);
    let c = await start("c");
    // Whichever it is by then: it dies and comes back.
    await using ends = new AsyncDisposableStack();
    ends.defer(() => c[Symbol.asyncDispose]());
    await using prometheus = await PrometheusContainer.start({
      config: prometheusConfig({
        nodes: { addresses: [a, b, c].map(({ url }) => new URL(url).host) },
        run: null,
        ruleFiles: RULE_FILES,
        intervalSec: SCRAPE_SEC,
      }),
      rules: rulesFile(TIMES),
    });
    const tested = new Set<string>();
    const firing = async (alert: string) =>
      (await prometheus.instant(`ALERTS{alertname="${alert}", alertstate="firing"}`)).length > 0;
    /** Each alert fires after `harm` and no longer after `mend`. */
    const proven = async (
      alerts: readonly string[],
      harm: () => Promise<unknown>,
      mend: () => Promise<unknown>,
    ) => {
      await harm();
      for (const alert of alerts) {
        await until(async () => ((await firing(alert)) ? true : null), PATIENCE_MS);
        tested.add(alert);
      }
      await mend();
      for (const alert of alerts) await until(async () => ((await firing(alert)) ? null : true), PATIENCE_MS);
    };
    const nothing = async () => undefined;
    const link = () => c.send("POST", "/peers", { url: a.url });
    // Apart from the start: c has mined a chain of its own meanwhile.
    await proven(["NodeAlone", "NodesDisagree"], nothing, link);
    await allAnswered(
      prometheus,
      [...panelsOnly(queriesOfAll("network", "transactions", "node", "experiment")), ...RECORDED],
      WITHOUT_LOAD_AND_DELAY,
    );
    const [scenario] = await prometheus.instant(queriesOfAll("experiment")[0]?.expr ?? "");
    expect(scenario?.labels.scenario).toContain("no run is observed");
    const mining = (mode: string) => () =>
      Promise.all([a, b, c].map((node) => node.control("PUT", "/control/mining", { mode })));
    await proven(["NoBlockForTenIntervals", "HashRateMissed"], mining("off"), mining("continuous"));
    const { port } = new URL(c.url);
    const crash = async () => {
      c.child.kill("SIGKILL");
      await c.exited;
    };
    const restart = async () => {
      c = await start("c", "--port", port, "--peer", a.url);
    };
    await proven(["TargetDown"], crash, restart);
    expect([...tested].sort()).toEqual(
      alertRules(TIMES)
        .map(({ alert }) => alert)
        .sort(),
    );
  });
});
