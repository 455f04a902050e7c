import Docker from "dockerode";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import { TEST_LABEL } from "./node-image.ts";

/** Of a busy machine: a node listens a second after its start where nothing else runs. */
const START_TIMEOUT_MS = 120_000;

export interface NodeState {
  readonly name: string;
  readonly height: number;
  readonly minerAccount: string;
}

/** A node's container with as few rights as it needs, which is how compose.yaml and the backend run it. */
export class NodeContainer extends GenericContainer {
  constructor(image: string) {
    super(image);
    this.hostConfig.ReadonlyRootfs = true;
    this.withTmpFs({ "/tmp": "" })
      .withDroppedCapabilities("ALL")
      .withSecurityOpt("no-new-privileges")
      .withLabels(TEST_LABEL)
      .withStartupTimeout(START_TIMEOUT_MS);
  }

  /** Flags of the node besides those that a container needs; it is started once it is healthy. */
  withFlags(...flags: string[]): this {
    return this.withCommand(["--host", "0.0.0.0", "--port", "8080", "--dir", "/data", ...flags])
      .withHealthCheck({
        test: ["CMD", "node", "--eval", HEALTH_CHECK],
        interval: 500,
        timeout: 5_000,
        retries: 60,
      })
      .withWaitStrategy(Wait.forHealthCheck());
  }
}

/** As the image has it; restated because an interval cannot be changed alone. */
const HEALTH_CHECK =
  "require('node:http').get('http://127.0.0.1:8080/health', (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))";

export function stateOf(container: StartedTestContainer): Promise<NodeState> {
  return ask(container, "/status");
}

/** Hash of the block at this height in the node's best chain. */
export async function hashAt(container: StartedTestContainer, height: number): Promise<string | null> {
  const { blocks } = await ask<{ blocks: { hash: string }[] }>(container, `/chain?from=${height}&limit=1`);
  return blocks[0]?.hash ?? null;
}

/** Asked from inside, so that it needs no network. */
async function ask<T>(container: StartedTestContainer, path: string): Promise<T> {
  const script = `require('node:http').get('http://127.0.0.1:8080${path}', (answer) => answer.pipe(process.stdout))`;
  const { output, exitCode } = await container.exec(["node", "--eval", script]);
  if (exitCode !== 0) throw new Error(`the node does not answer ${path}: ${output}`);
  return JSON.parse(output);
}

/** What a shell inside says, standard error included, and how it ended. */
export async function shell(container: StartedTestContainer, script: string) {
  return await container.exec(["sh", "-c", script]);
}

/** Kills the node as a crash does, and starts the same container again. */
export async function crashAndRestart(container: StartedTestContainer): Promise<void> {
  const handle = new Docker().getContainer(container.getId());
  await handle.kill();
  await handle.wait();
  await handle.start();
}
