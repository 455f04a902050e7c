import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { readRegistryConfig, registrySettingRows } from "./registry-config.ts";

function registry(args: string[], env: Record<string, string> = {}) {
  const outcome = readRegistryConfig(args, env);
  if (!outcome.ok) throw new Error(outcome.text);
  return outcome.settings;
}

function node(args: string[]) {
  const outcome = readConfig(args, {});
  if (!outcome.ok) throw new Error(outcome.text);
  return outcome.settings;
}

/** As the programs whose place it takes are called. */
const SHORT = "-i 127.0.0.2 -p 5000 -d folder -n known.json -u 30 -k 5 -di 127.0.0.3 -dp 5001".split(" ");
const LONG =
  "--ip 127.0.0.2 --port 5000 --dir folder --nodes known.json --upd_int 30 --kn_limit 5 --dns_ip 127.0.0.3 --dns_port 5001".split(
    " ",
  );

const SAID = {
  host: "127.0.0.2",
  port: 5_000,
  dir: "folder",
  nodes: "known.json",
  updateInterval: 30_000_000,
  knownLimit: 5,
  registryIp: "127.0.0.3",
  registryPort: 5_001,
};

test.each([
  ["short", SHORT],
  ["long", LONG],
  [
    "short with equals signs",
    SHORT.join(" ")
      .replaceAll(/(-\w+) /g, "$1=")
      .split(" "),
  ],
  [
    "short without spaces",
    SHORT.join(" ")
      .replaceAll(/(-\w+) /g, "$1")
      .split(" "),
  ],
])("%s flags are read by node and registry", (_what, args) => {
  expect(registry([...args])).toMatchObject(SAID);
  expect(node([...args])).toMatchObject(SAID);
});

test("nothing said gives the defaults of the original programs", () => {
  const { port, nodes, updateInterval, knownLimit, registryIp, registryPort } = registry([]);
  expect({ port, nodes, updateInterval, knownLimit, registryIp, registryPort }).toEqual({
    port: 42_020,
    nodes: "nodes.json",
    updateInterval: 60_000_000,
    knownLimit: 10,
    registryIp: null,
    registryPort: 42_020,
  });
  expect(node([]).registryIp).toBeNull();
});

test.each([
  ["60", 60_000_000],
  ["0.5", 500_000],
  ["60s", 60_000_000],
  ["250ms", 250_000],
  ["2min", 120_000_000],
  ["1h", 3_600_000_000],
])("an interval of %s is %i microseconds", (text, us) => {
  expect(registry(["-u", text]).updateInterval).toBe(us);
});

test.each([
  [["-u", "0"], "--update-interval"],
  [["-u", "1 fortnight"], "a bare number is seconds"],
  [["-u", "100h 3"], "--update-interval"],
  [["-k", "many"], "--known-limit"],
  [["-dp", "0"], "--registry-port"],
  [["-di", "127.1"], "an IP address or a host name"],
  [["-x", "1"], "unknown option"],
  [["--discover-in", "10.0.0.0/33"], "a network"],
])("%j is refused in words", (args, words) => {
  const outcome = readRegistryConfig(args, {});
  expect(outcome).toMatchObject({ ok: false, exitCode: 2 });
  if (!outcome.ok) expect(outcome.text).toContain(words);
});

test("a value is never taken for a flag, whatever it looks like", () => {
  expect(node(["--key-seed", "-dp", "--name", "a"])).toMatchObject({ keySeed: "-dp", name: "a" });
  expect(node(["--key-seed=-di"]).keySeed).toBe("-di");
});

test("variables are those of the table, and a flag of any form wins", () => {
  const env = { FORKLAB_REGISTRY_IP: "registry", FORKLAB_KNOWN_LIMIT: "3" };
  expect(registry(["-k", "4"], env)).toMatchObject({ registryIp: "registry", knownLimit: 4 });
});

test("the page on discovery has every setting of a registry, with its default", () => {
  const page = readFileSync(new URL("../docs/discovery.md", import.meta.url), "utf8");
  for (const { flag, default: value } of registrySettingRows()) {
    const line = page.split("\n").find((each) => each.startsWith(`| \`${flag}\``));
    expect(line, flag).toBeDefined();
    if (value !== null) expect(line, flag).toContain(value);
  }
});
