import { expect, test } from "vitest";
import { parse } from "yaml";
import { aPlan } from "../record/a-journal.ts";
import { RunExporter } from "./exporter.ts";
import { observeRun } from "./observe-run.ts";
import { prometheusConfig } from "./prometheus-config.ts";
import { RunMetrics } from "./run-metrics.ts";

const ANY_PORT = { host: "127.0.0.1", port: 0 };
const aMetrics = () => new RunMetrics(aPlan(), "processes", () => 0);

test("a run is served in Prometheus' format, and its nodes as Prometheus discovers them; nothing else is", async () => {
  const targets: string[] = [];
  const exporter = await RunExporter.start(ANY_PORT, aMetrics(), () => targets);
  try {
    const get = (path: string, method = "GET") => fetch(`http://${exporter.address}${path}`, { method });
    const metrics = await get("/metrics");
    expect(metrics.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(await metrics.text()).toContain("forklab_run_duration_seconds 10\n");
    expect(await (await get("/targets")).json()).toEqual([{ targets: [] }]);
    targets.push("127.0.0.1:4001");
    expect(await (await get("/targets")).json()).toEqual([{ targets: ["127.0.0.1:4001"] }]);
    expect((await get("/")).status).toBe(404);
    expect((await get("/metrics", "POST")).status).toBe(405);
  } finally {
    await exporter.close();
  }
  await expect(fetch(`http://${exporter.address}/metrics`)).rejects.toThrow();
});

test("a port that is taken is told in words, and nothing is left open", async () => {
  const first = await RunExporter.start(ANY_PORT, aMetrics(), () => []);
  try {
    const port = Number(first.address.split(":").at(-1));
    const backend = { name: "processes", nowUs: () => 0 } as const;
    const outcome = await observeRun({ ...ANY_PORT, port }, aPlan(), backend, new AbortController().signal);
    expect(outcome).toMatchObject({ ok: false });
    expect(outcome.ok ? "" : outcome.reason).toMatch(
      /^--observe cannot listen on 127\.0\.0\.1, port \d+: .*EADDRINUSE/,
    );
  } finally {
    await first.close();
  }
});

test("prometheus.yml names the jobs that the dashboards ask for, with addresses or with where to ask for them", () => {
  const common = { ruleFiles: ["rules.yml"], intervalSec: 2 };
  const fixed = parse(prometheusConfig({ ...common, nodes: { addresses: ["a:1", "b:2"] }, run: null }));
  expect(fixed).toEqual({
    global: { scrape_interval: "2s", scrape_timeout: "2s", evaluation_interval: "2s" },
    rule_files: ["rules.yml"],
    scrape_configs: [{ job_name: "node", static_configs: [{ targets: ["a:1", "b:2"] }] }],
  });
  const discoveryUrl = "http://127.0.0.1:9464/targets";
  const asked = parse(prometheusConfig({ ...common, nodes: { discoveryUrl }, run: "127.0.0.1:9464" }));
  expect(asked.scrape_configs).toEqual([
    { job_name: "node", http_sd_configs: [{ url: discoveryUrl, refresh_interval: "5s" }] },
    { job_name: "run", static_configs: [{ targets: ["127.0.0.1:9464"] }] },
  ]);
});
