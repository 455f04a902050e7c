import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readConfig, settingRows } from "./config.ts";
import { readRegistryConfig } from "./registry-config.ts";
import { COMPOSE_VARIABLES, PERSONAL_VARIABLES } from "./setting-table.ts";

const folder = mkdtempSync(join(tmpdir(), "forklab-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, "node.yaml");

function read(text: string, args: string[] = [], env: Record<string, string> = {}) {
  writeFileSync(path, text);
  return readConfig(["--config", path, ...args], env);
}

function settings(...given: Parameters<typeof read>) {
  const outcome = read(...given);
  if (!outcome.ok) throw new Error(outcome.text);
  return outcome.settings;
}

function refusal(text: string): string {
  const outcome = read(text);
  if (outcome.ok) throw new Error("taken");
  expect(outcome.exitCode).toBe(2);
  return outcome.text.replace(`${path}:`, "");
}

const FILE = `
# Of the node in the corner.
name: 007
port: 4001
hashRate: 5kH/s
peer:
  - http://127.0.0.1:1
  - http://127.0.0.1:2
`;

test("a file says what flags say, each value as the text that stands there", () => {
  const peer = ["http://127.0.0.1:1", "http://127.0.0.1:2"];
  expect(settings(FILE)).toMatchObject({ name: "007", port: 4_001, hashRate: 5_000, peer, config: path });
  expect(settings('{"port": 4001, "miners": "all"}').port).toBe(4_001);
  expect(settings("# nothing yet\n").port).toBe(0);
});

test("a flag wins over the environment, that over the file, and the file over the default", () => {
  const env = { FORKLAB_PORT: "4002", FORKLAB_NAME: "b" };
  expect(settings(FILE, ["--name", "c"], env)).toMatchObject({ name: "c", port: 4_002, hashRate: 5_000 });
  writeFileSync(path, FILE);
  expect(readConfig([], { FORKLAB_CONFIG: path })).toMatchObject({
    settings: { port: 4_001, mine: "continuous" },
  });
});

test("a file can say every setting but itself, in the words of its default", () => {
  const rows = settingRows().filter((row) => row.key !== "config" && row.default !== null);
  const given = settings(rows.map((row) => `${row.key}: "${row.default}"`).join("\n"));
  expect({ ...given, config: null }).toEqual((readConfig([], {}) as { readonly settings: unknown }).settings);
});

test.each([
  ["\nhashRat: 5kH/s", "2:1: hashRat is no setting of a file; did you mean hashRate?"],
  ["wholly: 1", "1:1: wholly is no setting of a file; --help lists all"],
  ["__proto__: 1", "1:1: __proto__ is no setting of a file"],
  ["config: other.yaml", "1:1: config is no setting of a file"],
  ["port: x", '1:1: port is "x"; expected a port'],
  ["name: [a, b]", "1:1: name takes one value, not a list"],
  ["name: { a: b }", "1:1: expected a value, or a list of values"],
  ["port: 1\nport: 2", "2:1: Map keys must be unique"],
  ["- port", '1:1: expected settings as "key: value"'],
  ["name: 'a", "1:"],
  [
    "controlToken: s3cret",
    "controlToken is a secret, and comes from the environment alone: FORKLAB_CONTROL_TOKEN",
  ],
])("%j is refused with its place", (text, words) => {
  expect(refusal(text)).toContain(words);
  expect(refusal(text)).not.toContain("s3cret");
});

test("a file that is not there is said so", () => {
  expect(readConfig(["--config", join(folder, "gone")], {})).toMatchObject({
    exitCode: 2,
    text: expect.stringMatching(/^error: the file of --config cannot be read: ENOENT.*gone/),
  });
});

test("variables that nobody knows are refused, with the one that was meant; those of other programs are not", () => {
  expect(readConfig([], { FORKLAB_PROT: "1" })).toMatchObject({
    exitCode: 2,
    text: "error: FORKLAB_PROT is no setting; did you mean FORKLAB_PORT?\n",
  });
  expect(readConfig([], { FORKLAB_ANYTHING: "1" })).toMatchObject({ ok: false });
  expect(readConfig([], { OTHER_PROT: "1", FORKLAB_PROT: "" })).toMatchObject({ ok: true });
  // One shell may start a node, a registry and compose.
  const all = ["FORKLAB_CONTROL_TOKEN", "FORKLAB_MINE", ...COMPOSE_VARIABLES, ...PERSONAL_VARIABLES];
  const env = Object.fromEntries(all.map((name) => [name, name === "FORKLAB_MINE" ? "off" : "1"]));
  expect(readConfig([], env)).toMatchObject({ ok: true });
  expect(readRegistryConfig([], env)).toMatchObject({ ok: true });
  expect(readRegistryConfig([], { FORKLAB_MIEN: "off" })).toMatchObject({ ok: false });
});

test("help is given whatever the environment says", () => {
  expect(readConfig(["--help"], { FORKLAB_PORT: "x" })).toMatchObject({ ok: false, exitCode: 0 });
});

test("the variables that are compose's are those of compose.yaml which are no setting, and none means two things", () => {
  const compose = readFileSync(new URL("../compose.yaml", import.meta.url), "utf8");
  const used = new Set([...compose.matchAll(/\$\{(FORKLAB_\w+)/g)].map(([, name = ""]) => name));
  const ours = new Set(settingRows().map(({ variable }) => variable));
  expect([...used].filter((name) => !ours.has(name)).sort()).toEqual([...COMPOSE_VARIABLES].sort());
  expect([...used].filter((name) => ours.has(name)).sort()).toEqual([
    "FORKLAB_HASH_RATE",
    "FORKLAB_REGISTRY_PORT",
  ]);
});
