import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import Docker from "dockerode";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import { PrometheusClient } from "../../dashboards/prometheus-client.ts";
import { TEST_LABEL } from "./node-image.ts";

/** Of compose.yaml as well; a machine without a registry names its own. */
export const PROMETHEUS_IMAGE = process.env.PROMETHEUS_IMAGE ?? "prom/prometheus:v2.53.5";

const START_TIMEOUT_MS = 60_000;

/** A Prometheus on the machine's own network, so that it reaches what listens on 127.0.0.1 only. Gone with its test. */
export class PrometheusContainer extends PrometheusClient {
  readonly url: string;
  readonly #container: StartedTestContainer;

  private constructor(url: string, container: StartedTestContainer) {
    super(url);
    this.url = url;
    this.#container = container;
  }

  static async start(files: {
    readonly config: string;
    readonly rules: string;
  }): Promise<PrometheusContainer> {
    const port = await freePort();
    const container = await new GenericContainer(PROMETHEUS_IMAGE)
      .withNetworkMode("host")
      .withLabels(TEST_LABEL)
      .withCopyContentToContainer([
        { content: files.config, target: "/etc/prometheus/prometheus.yml" },
        { content: files.rules, target: "/etc/prometheus/rules.yml" },
      ])
      .withCommand([
        "--config.file=/etc/prometheus/prometheus.yml",
        "--storage.tsdb.path=/prometheus",
        `--web.listen-address=127.0.0.1:${port}`,
      ])
      .withWaitStrategy(Wait.forLogMessage(/Server is ready to receive web requests/))
      .withStartupTimeout(START_TIMEOUT_MS)
      .start();
    return new PrometheusContainer(`http://127.0.0.1:${port}`, container);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container.stop({ timeout: 0, remove: true });
  }
}

/** Taken from the system and given back: nobody else is likely to get it in between. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}

/** The image with a volume for its data, as the official one has and one made of a package may not; gone when it is disposed of. */
export async function withVolume(image: string): Promise<{ readonly name: string } & AsyncDisposable> {
  const docker = new Docker();
  const name = `forklab-test-${randomBytes(4).toString("hex")}`;
  const container = await docker.createContainer({ Image: image, Labels: TEST_LABEL });
  await container.commit({ repo: name, changes: "VOLUME /prometheus" });
  await container.remove({ v: true });
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      await docker.getImage(name).remove({ force: true });
    },
  };
}
