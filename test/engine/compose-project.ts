import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import Docker from "dockerode";
import { ROOT } from "./node-image.ts";

const run = promisify(execFile);

/** compose.yaml under a name of its own and on free ports; gone, with its volumes, when it is disposed of. */
export class ComposeProject {
  readonly name = `forklab-test-${randomBytes(4).toString("hex")}`;
  readonly #env: NodeJS.ProcessEnv;
  #foreground: ChildProcess | null = null;

  constructor(image: string) {
    // Port 0 takes any that is free.
    const ports = { FORKLAB_NODE_PORTS: "0", FORKLAB_REGISTRY_PORT: "0", FORKLAB_PROMETHEUS_PORT: "0" };
    this.#env = { ...process.env, ...ports, FORKLAB_IMAGE: image, COMPOSE_PROGRESS: "quiet" };
    this.#env.COMPOSE_PROJECT_NAME = this.name;
  }

  /** As it is typed: `docker compose` with these words, and nothing besides. It stays in the foreground, as it does in a terminal, until the project goes down. */
  type(...words: string[]): void {
    this.#foreground = spawn("docker", ["compose", ...words], { cwd: ROOT, env: this.#env, stdio: "ignore" });
  }

  /** Runs docker compose with these words; what it said on standard output. */
  async compose(...words: string[]): Promise<string> {
    const { stdout } = await run("docker", ["compose", ...words], {
      cwd: ROOT,
      env: this.#env,
    });
    return stdout;
  }

  /** Starts services with the image as it is, and returns once they run. */
  async up(...words: string[]): Promise<void> {
    await this.compose("up", "--detach", "--no-build", ...words);
  }

  /** Where the containers of a service answer, in the order of their numbers. */
  async urlsOf(service: string, port: number): Promise<string[]> {
    const containers = await this.containersOf(service);
    return containers.map(({ NetworkSettings: { Ports: ports } }) => {
      const [door] = ports[`${port}/tcp`] ?? [];
      if (door === undefined) throw new Error(`${service} publishes no port ${port}`);
      return `http://${door.HostIp}:${door.HostPort}`;
    });
  }

  async containersOf(service: string): Promise<Docker.ContainerInspectInfo[]> {
    const docker = new Docker();
    const label = [`com.docker.compose.project=${this.name}`, `com.docker.compose.service=${service}`];
    const found = await docker.listContainers({ filters: { label } });
    const numberOf = ({ Labels: labels }: Docker.ContainerInfo) =>
      Number(labels["com.docker.compose.container-number"]);
    found.sort((a, b) => numberOf(a) - numberOf(b));
    return await Promise.all(found.map(({ Id: id }) => docker.getContainer(id).inspect()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "0");
    this.#foreground?.kill("SIGKILL");
  }
}
