import * as z from "zod";
import { SCRAPE_INTERVAL_SEC } from "./prometheus-config.ts";
import { REMOTE_WRITE_HEADERS, type RemoteSeries, remoteWriteBody } from "./remote-write.ts";

/** The job of a run that is written to the Prometheus of compose.yaml: not that of the nodes which this Prometheus reads by itself. */
export const BESIDE_JOB = "run-beside";

/** What the Prometheus of compose.yaml calls itself, so that no other one on its port is written to. */
export const DASHBOARDS_TITLE = "Forklab";

/** It answers in milliseconds; one that does not has other troubles. */
const REQUEST_TIMEOUT_MS = 2_000;

const flagsSchema = z.object({
  data: z.looseObject({ "web.page-title": z.string(), "web.enable-remote-write-receiver": z.string() }),
});

/** Where `docker compose up` has its dashboards, by the variables that it goes by itself. */
export function dashboardAddresses(env: NodeJS.ProcessEnv = process.env) {
  const prometheusPort = env.FORKLAB_PROMETHEUS_PORT || "9090";
  const grafanaPort = env.FORKLAB_GRAFANA_PORT || "3000";
  return {
    prometheusUrl: `http://127.0.0.1:${prometheusPort}`,
    experimentUrl: `http://127.0.0.1:${grafanaPort}/d/forklab-experiment`,
  };
}

/**
 * Writes a run to the Prometheus of compose.yaml while it lasts, as soon as there is one and for as long: that one cannot read the run itself,
 * since containers do not reach what listens on 127.0.0.1.
 */
export class LiveDashboards {
  readonly #prometheusUrl: string;
  readonly #series: () => Promise<RemoteSeries[]>;
  readonly #timer: NodeJS.Timeout;
  /** It took what was written last, or said that it would. */
  #isThere = false;
  #writing: Promise<void> | null = null;

  /** `series` are those of the run, as they stand. */
  constructor(prometheusUrl: string, series: () => Promise<RemoteSeries[]>) {
    this.#prometheusUrl = prometheusUrl;
    this.#series = series;
    this.#timer = setInterval(() => {
      this.#writing ??= this.#write().finally(() => {
        this.#writing = null;
      });
    }, SCRAPE_INTERVAL_SEC * 1_000);
  }

  /** Says that the run is over: its series end now, and not minutes later. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    if (this.#isThere) await this.#post((await this.#series()).map((each) => ({ ...each, value: null })));
  }

  async #write(): Promise<void> {
    this.#isThere ||= await this.#isForklabs();
    if (this.#isThere) this.#isThere = await this.#post(await this.#series());
  }

  async #isForklabs(): Promise<boolean> {
    try {
      const response = await this.#fetch("/api/v1/status/flags", {});
      const { data } = flagsSchema.parse(await response.json());
      return (
        data["web.page-title"] === DASHBOARDS_TITLE && data["web.enable-remote-write-receiver"] === "true"
      );
    } catch {
      // Nobody listens, or it is something else: it is asked again, as compose.yaml may be brought up during the run.
      return false;
    }
  }

  async #post(series: readonly RemoteSeries[]): Promise<boolean> {
    const body = new Uint8Array(remoteWriteBody(series, Date.now()));
    try {
      const { ok } = await this.#fetch("/api/v1/write", {
        method: "POST",
        headers: REMOTE_WRITE_HEADERS,
        body,
      });
      return ok;
    } catch {
      // It went away. The run does not depend on who looks at it.
      return false;
    }
  }

  #fetch(path: string, options: RequestInit): Promise<Response> {
    return fetch(this.#prometheusUrl + path, { ...options, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  }
}
