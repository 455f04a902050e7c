import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { chainJson, NodeUnderTest, Scratch } from "../support/live-process.ts";
import { realRuns, until } from "../support/real-runs.ts";

/** A mistake of ours ends the process that made it, at once and with a status of its own, and costs nothing that was told. */

const runs = realRuns();

/** Code for `--import`: the process makes its mistake when it gets SIGUSR2. */
const planted = (mistake: string) =>
  `data:text/javascript,${encodeURIComponent(`process.on("SIGUSR2", () => { ${mistake} });`)}`;

const TWO = "nodes: { count: 2, hashRate: 4kH/s }\n";

const MISTAKES = [
  ["an exception that nobody catches", `throw new Error("planted")`],
  ["a rejection that nobody handles", `void Promise.reject(new Error("planted"))`],
];

test.each(MISTAKES)(
  "%s ends a node with 70, says so in its log, and its blocks are there again",
  async (_kind, mistake) => {
    using scratch = new Scratch();
    const flags = [
      ...["--name", "a", "--key-seed", "a", "--dir", scratch.dir("a"), "--mine", "demand"],
      ...["--chain", scratch.json("chain.json", chainJson())],
    ];
    await using node = await NodeUnderTest.start(flags, ["--import", planted(mistake)]);
    for (let height = 1; height <= 3; height++)
      expect((await node.send("POST", "/mine", {})).body).toMatchObject({ height });
    node.child.kill("SIGUSR2");
    expect(await node.exited).toEqual({ code: 70, signal: null });
    const last: unknown = JSON.parse(node.stderr.trim().split("\n").at(-1) ?? "");
    expect(last).toMatchObject({ level: "fatal", msg: "fatal", err: { message: "planted" } });
    // Its lock is of a process that is gone, and its file is whole.
    await using again = await NodeUnderTest.start(flags);
    expect((await again.status()).height).toBe(3);
  },
);

test("a node of a run that ends by its own mistake is named with its status and its last words", async () => {
  const main = join(runs.folder, "planted-node.mjs");
  const nodeMain = pathToFileURL(resolve("node/main.ts")).href;
  await writeFile(
    main,
    `import ${JSON.stringify(planted(`throw new Error("planted")`))};\nawait import("${nodeMain}");\n`,
  );
  const { backend, events } = await runs.backend("mistaken", `duration: 60s\n${TWO}`, main);
  try {
    expect(await backend.start(new AbortController().signal)).toMatchObject({ ok: true });
    const [victim] = await runs.nodesAlive();
    if (victim !== undefined) process.kill(victim, "SIGUSR2");
    await until(
      () => events.some((event) => event.type === "node-changed" && event.state === "crashed"),
      "the end is journalled",
    );
  } finally {
    const failures = (await backend.stop()).flatMap(({ failure }) => failure ?? []);
    expect(failures).toEqual([
      expect.stringMatching(
        /^the process exited with status 70, unasked; its last words: fatal: planted \(.*node-\d\.log\)$/,
      ),
    ]);
  }
}, 90_000);

test.each(MISTAKES)(
  "%s ends the runner with 4, with the nodes, and the journal stays",
  async (kind, mistake) => {
    const name = kind.split(" ")[1] ?? "";
    const file = await runs.scenario(name, `duration: 600s\n${TWO}`);
    const run = runs.start(file, [process.execPath, "--import", planted(mistake), "runner/main.ts"]);
    await run.hasRecorded("block-mined");
    const before = await runs.readSoFar(name, "events.csv.part");
    run.child.kill("SIGUSR2");
    expect(await run.status).toBe(4);
    expect(run.said.stderr).toMatch(/^The testbed failed: Error: planted\n {4}at /m);
    await until(async () => (await runs.nodesAlive()).length === 0, "every node is gone");
    const after = await runs.readSoFar(name, "events.csv.part");
    expect(after.startsWith(before)).toBe(true);
    expect(after.endsWith("\r\n")).toBe(true);
  },
  90_000,
);
