import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { loadAccountSeeds } from "../../runner/load/endless-run.ts";
import { chainJson, NodeUnderTest, Scratch, until } from "../support/live-process.ts";

const MAIN = fileURLToPath(new URL("../../runner/load/main.ts", import.meta.url));

/** Of a busy machine, where a process may take seconds to start and a second of its timers several. */
const PATIENCE_MS = 40_000;
const TEST_TIMEOUT = { timeout: 120_000 };

/** A load in a process of its own; killed with its test. */
function startLoad(...words: string[]) {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  const output = { text: "" };
  child.stdout.on("data", (data) => {
    output.text += data;
  });
  const exited = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  return { child, output, exited, [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

function numberBefore(text: string, word: string): number {
  return Number(new RegExp(`(\\d+) ${word}`).exec(text)?.[1]);
}

test(
  "posts and transfers of a load enter the chain; stopped, it says what became of all of them",
  TEST_TIMEOUT,
  async () => {
    using scratch = new Scratch();
    const allocations = loadAccountSeeds("load", 64).map((seed) => ({
      account: signerFromSeed(seed).publicKey,
      amount: "1000000",
    }));
    const chain = scratch.json("chain.json", chainJson({ allocations }));
    await using node = await NodeUnderTest.start([
      ...["--dir", scratch.dir("a"), "--chain", chain, "--hash-rate", "4kH/s", "--log-level", "warn"],
    ]);
    using load = startLoad("--node", node.url, "--rate", "40/s", "--kind", "mixed", "--fee-max", "5");
    const confirmed = await until(async () => {
      const { blocks } = await node.get<{ blocks: { transactionCount: number }[] }>(
        "/chain?from=1&limit=1000",
      );
      const count = blocks.reduce((sum, { transactionCount }) => sum + transactionCount - 1, 0);
      return count >= 40 ? count : null;
    }, PATIENCE_MS);
    load.child.kill("SIGTERM");
    expect(await load.exited).toBe(0);
    const summary = load.output.text.trim().split("\n").at(-1) ?? "";
    expect(summary).toContain("0 refused, 0 unknown, 0 shed");
    expect(numberBefore(summary, "accepted")).toBeGreaterThanOrEqual(confirmed);
    expect(numberBefore(summary, "accepted")).toBe(numberBefore(summary, "submitted"));
  },
);

test(
  "nodes are found from a registry, also those that come later; a second load of the same accounts goes on where the first ended",
  TEST_TIMEOUT,
  async () => {
    using scratch = new Scratch();
    const chain = scratch.json("chain.json", chainJson());
    const flags = ["--chain", chain, "--mine", "off", "--log-level", "warn"];
    await using a = await NodeUnderTest.start([...flags, "--dir", scratch.dir("a")]);
    await using b = await NodeUnderTest.start([...flags, "--dir", scratch.dir("b")]);
    const known: { ip_address: string; port: number }[] = [];
    const registry = createServer((request, response) =>
      response.writeHead(request.url === "/nodes/" ? 200 : 404).end(JSON.stringify(known)),
    );
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    using _ = { [Symbol.dispose]: () => void registry.close() };
    const words = [
      "--registry",
      `http://127.0.0.1:${(registry.address() as AddressInfo).port}`,
      "--rate",
      "40/s",
    ];
    const enter = (node: NodeUnderTest) =>
      known.push({ ip_address: "127.0.0.1", port: Number(new URL(node.url).port) });
    const waiting = async (node: NodeUnderTest) => (await node.get<{ count: number }>("/mempool")).count;

    using first = startLoad(...words);
    await until(() => (first.output.text.includes("waiting for nodes") ? true : null), PATIENCE_MS);
    enter(a);
    await until(async () => ((await waiting(a)) >= 20 ? true : null), PATIENCE_MS);
    expect(await waiting(b)).toBe(0);
    enter(b);
    // It looks again every five seconds.
    await until(async () => ((await waiting(b)) >= 10 ? true : null), PATIENCE_MS);
    first.child.kill("SIGTERM");
    expect(await first.exited).toBe(0);

    using second = startLoad(...words, "--for", "1s");
    expect(await second.exited).toBe(0);
    const summary = second.output.text.trim().split("\n").at(-1) ?? "";
    expect(summary).toContain("0 refused, 0 unknown");
    expect(numberBefore(summary, "accepted")).toBeGreaterThan(5);
  },
);
