import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ListenAddress } from "./listen-address.ts";
import type { RunMetrics } from "./run-metrics.ts";

/** Readers at once: a Prometheus or two, and a person. */
const CONNECTIONS_MAX = 16;

/** How long a request may take to come in, ms. */
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * Serves a run to Prometheus while it lasts: `GET /metrics`, and at `GET /targets` the addresses of the nodes' own metrics, as Prometheus'
 * HTTP service discovery reads them (ports of a run are not known beforehand).
 */
export class RunExporter {
  /** `host:port`, as it is scraped from this machine. */
  readonly address: string;
  readonly #server: Server;

  private constructor(server: Server) {
    const { address, port, family } = server.address() as AddressInfo;
    this.address = `${family === "IPv6" ? `[${address}]` : address}:${port}`;
    this.#server = server;
  }

  /** `targets`: the nodes that are up, each as host:port. Rejects with the system's error, such as EADDRINUSE. */
  static async start(
    { host, port }: ListenAddress,
    metrics: Pick<RunMetrics, "text" | "contentType">,
    targets: () => readonly string[],
  ): Promise<RunExporter> {
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      answer(request, response, metrics, targets).catch((error: unknown) => server.emit("error", error));
    });
    server.maxConnections = CONNECTIONS_MAX;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
    return new RunExporter(server);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  metrics: Pick<RunMetrics, "text" | "contentType">,
  targets: () => readonly string[],
): Promise<void> {
  if (method !== "GET") {
    response.writeHead(405, { allow: "GET" }).end();
  } else if (url === "/metrics") {
    const text = await metrics.text();
    response.writeHead(200, { "content-type": metrics.contentType }).end(text);
  } else if (url === "/targets") {
    const body = JSON.stringify([{ targets: targets() }]);
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  } else {
    response.writeHead(404).end();
  }
}
