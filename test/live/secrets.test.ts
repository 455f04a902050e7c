import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ALL_ROUTES } from "../../node/all-routes.ts";
import { CONTROL_TOKEN, chainJson, NodeUnderTest, Scratch, until } from "../support/live-process.ts";
import { rawRequest } from "../support/raw-request.ts";

const WRONG_TOKEN = "a-guess-of-somebody";

/** All that stands in the files of a folder. */
function textOf(folder: string): string {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .map((path) => (statSync(path).isDirectory() ? textOf(path) : readFileSync(path, "latin1")))
    .join("\n");
}

test("no token, right or wrong, stands in the log, whatever it is shown to, nor in files, answers or events", async () => {
  using scratch = new Scratch();
  const chain = scratch.json("chain.json", chainJson());
  const flags = ["--name", "a", "--dir", scratch.dir("a"), "--chain", chain, "--mine", "off"];
  await using node = await NodeUnderTest.start([...flags, "--log-level", "debug"]);
  let answers = "";
  for (const { method, path } of ALL_ROUTES) {
    if (path === "/events" || path === "/control/shutdown") continue;
    for (const token of [CONTROL_TOKEN, WRONG_TOKEN]) {
      const authorization = `Bearer ${token}`;
      const headers = { authorization, "content-type": "application/json", "x-forklab-session": token };
      const target = path.replaceAll(/:\w+/g, token);
      for (const [asked, body] of [
        [target, undefined],
        [target, "{}"],
        [`${target}?token=${token}`, `{"token":"${token}"}`],
      ] as const)
        answers += (
          await rawRequest(node.url, method, asked, { headers, ...(body === undefined ? {} : { body }) })
        ).bytes;
    }
  }
  // The log is told of requests at all, so that there is something to look at.
  await until(() => (node.stderr.includes('"served"') ? true : null));
  const ending = new AbortController();
  const events = await fetch(`${node.url}/events?from=0`, { signal: ending.signal });
  const first = await events.body?.getReader().read();
  ending.abort();
  const said = {
    log: node.stderr,
    files: textOf(scratch.dir("a")),
    answers,
    events: Buffer.from(first?.value ?? []).toString(),
  };
  for (const [where, text] of Object.entries(said)) {
    expect([where, text.length > 0]).toEqual([where, true]);
    expect([where, text.includes(CONTROL_TOKEN)]).toEqual([where, false]);
  }
  expect(said.log).not.toContain(WRONG_TOKEN);
});
