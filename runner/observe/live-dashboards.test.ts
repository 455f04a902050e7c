import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { dashboardAddresses, LiveDashboards } from "./live-dashboards.ts";
import { SCRAPE_INTERVAL_SEC } from "./prometheus-config.ts";

/** What answers as Prometheus would; the bodies of what was written to it. */
async function aPrometheus(title: string, receiver = "true") {
  const written: Buffer[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url === "/api/v1/write") {
      written.push(Buffer.concat(chunks));
      response.writeHead(204).end();
    } else
      response.end(
        JSON.stringify({ data: { "web.page-title": title, "web.enable-remote-write-receiver": receiver } }),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, written, [Symbol.asyncDispose]: close };
}

/** Some intervals of a run, whose clock is the test's. */
async function written(title: string, receiver?: string): Promise<Buffer[]> {
  await using prometheus = await aPrometheus(title, receiver);
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const series = async () => [{ name: "height", labels: { job: "x" }, value: 3 }];
    const dashboards = new LiveDashboards(prometheus.url, series);
    vi.advanceTimersByTime(SCRAPE_INTERVAL_SEC * 1_000);
    await dashboards.close();
    return prometheus.written;
  } finally {
    vi.useRealTimers();
  }
}

test("a run is written to the Prometheus of compose.yaml, and ended there", async () => {
  const [running, ended, ...more] = await written("Forklab");
  expect(more).toEqual([]);
  const three = Buffer.alloc(8);
  three.writeDoubleLE(3);
  expect([running?.includes("height"), running?.includes(three)]).toEqual([true, true]);
  expect([ended?.includes("height"), ended?.includes(three)]).toEqual([true, false]);
});

test("nothing is written to another Prometheus on that port, or to one that takes nothing", async () => {
  expect(await written("Prometheus Time Series Collection and Processing Server")).toEqual([]);
  expect(await written("Forklab", "false")).toEqual([]);
});

test("nobody there is no failure", async () => {
  const prometheus = await aPrometheus("Forklab");
  await prometheus[Symbol.asyncDispose]();
  const dashboards = new LiveDashboards(prometheus.url, async () => []);
  await dashboards.close();
});

test("the addresses are those of compose.yaml and its variables", () => {
  expect(dashboardAddresses({})).toEqual({
    prometheusUrl: "http://127.0.0.1:9090",
    experimentUrl: "http://127.0.0.1:3000/d/forklab-experiment",
  });
  const env = { FORKLAB_PROMETHEUS_PORT: "9190", FORKLAB_GRAFANA_PORT: "3100" };
  expect(dashboardAddresses(env).prometheusUrl).toBe("http://127.0.0.1:9190");
  expect(dashboardAddresses(env).experimentUrl).toContain(":3100/");
});
