import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Scratch } from "../support/live-process.ts";
import { commandsOf, curlCount, judge, statusesOf } from "./page-commands.ts";
import { PageSession } from "./page-session.ts";

const read = (path: string) => readFileSync(path, "utf8");
const STATUSES = statusesOf(read("docs/api.md"));

/** Commands of a page that have no part here: what they start lasts, or is installed, and has tests of its own. */
const isLeftOut = (command: string) => /^npm run (?!node -- --port )/.test(command);

/** Follows a page from its first command to its last; what is not as it says. */
async function follow(page: string): Promise<string[]> {
  using scratch = new Scratch();
  await using session = new PageSession(scratch);
  const faults: string[] = [];
  for (const each of commandsOf(page)) {
    if (isLeftOut(each.command)) continue;
    const fault = judge(each, await session.run(each.command), STATUSES);
    if (fault !== null) faults.push(fault);
  }
  return faults;
}

test.each(["README.md", "docs/api.md", "docs/applications.md"])(
  "curl answers what %s prints, in its order, from a real shell",
  { timeout: 120_000 },
  async (path) => {
    const page = read(path);
    const curls = commandsOf(page).reduce(
      (sum, { command }) => sum + curlCount(`\`\`\`\n${command}\n\`\`\``),
      0,
    );
    expect(curls).toBe(curlCount(page));
    expect(curls).toBeGreaterThan(3);
    expect(await follow(page)).toEqual([]);
  },
);

test("a page that says something else is found out: a field, a route, an error, a status", {
  timeout: 60_000,
}, async () => {
  const page = [
    "```console",
    "$ npm run node -- --port 4001 --mine demand",
    "$ curl http://127.0.0.1:4001/health",
    '{"ok":false}',
    "$ curl http://127.0.0.1:4001/healthy",
    "$ curl http://127.0.0.1:4001/healthy",
    '{"error":{"code":"unknown-block",...}}',
    "$ curl http://127.0.0.1:4001/health",
    '{"ok":true}',
    "```",
  ].join("\n");
  const faults = await follow(page);
  expect(faults.map((fault) => fault.split("\n")[1])).toEqual([
    'printed {"ok":true}',
    expect.stringContaining('status 404: {"error":{"code":"unknown-route"'),
    expect.stringContaining('{"error":{"code":"unknown-route"'),
  ]);
  const printed = '{"error":{"code":"unknown-block",...}}';
  const answer = { output: '{"error":{"code":"unknown-block","definite":true}}', status: 200 };
  expect(judge({ command: "curl x", printed }, answer, STATUSES)).toContain("status 200");
  expect(judge({ command: "curl x", printed }, { ...answer, status: 404 }, STATUSES)).toBeNull();
});

test("a curl in a block that is not followed would be missed", () => {
  const page = "```bash\ncurl http://127.0.0.1:4001/status\n```\n";
  expect([commandsOf(page).length, curlCount(page)]).toEqual([0, 1]);
});

test("a command may go on in the next line, and what is left out of an answer may be anything", () => {
  const page = '```console\n$ curl x \\\n  -d y\n{"a":1,...,"z":2}\n$ curl z\n```\n';
  const [first, second] = commandsOf(page);
  expect(first).toEqual({ command: "curl x -d y", printed: '{"a":1,...,"z":2}' });
  expect(second).toEqual({ command: "curl z", printed: null });
  const answer = (output: string) =>
    judge(first ?? { command: "", printed: "" }, { output, status: 200 }, STATUSES);
  expect(answer('{"a":1,"b":[3],"z":2}\n')).toBeNull();
  expect(answer('{"a":11,"b":[3],"z":2}\n')).not.toBeNull();
  expect(answer('{"a":1,"b":[3],"z":2} ')).toBeNull();
  expect(answer('{"a":1,"b":[3],"z":2}}')).not.toBeNull();
});
