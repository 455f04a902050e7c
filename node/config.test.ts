import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { HASHES_PER_SEC_WITHOUT_THREAD_MAX } from "./adapters/mining/hasher-group.ts";
import { readConfig, settingRows } from "./config.ts";
import { FREE_BYTES_PER_SEC } from "./core/state/free-relay.ts";

function settings(args: string[], env: Record<string, string> = {}) {
  const outcome = readConfig(args, env);
  if (!outcome.ok) throw new Error(outcome.text);
  return outcome.settings;
}

function refusal(args: string[], env: Record<string, string> = {}): string {
  const outcome = readConfig(args, env);
  if (outcome.ok) throw new Error("taken");
  expect(outcome.exitCode).toBe(2);
  return outcome.text;
}

test("nothing said gives the defaults of the table", () => {
  expect(settings([])).toMatchObject({
    port: 0,
    host: "127.0.0.1",
    name: null,
    hashRate: 20_000,
    freeRelay: FREE_BYTES_PER_SEC,
    mine: "continuous",
    controlToken: null,
  });
});

test("a flag wins over the environment, and the environment over the default", () => {
  const env = { FORKLAB_HASH_RATE: "5kH/s", FORKLAB_PORT: "4001", FORKLAB_CONTROL_TOKEN: "secret" };
  expect(settings(["--hash-rate", "1.5MH/s"], env)).toMatchObject({
    hashRate: 1_500_000,
    port: 4_001,
    controlToken: "secret",
  });
});

test("miners are a number, or all: as many as there are processors", () => {
  expect(settings([]).miners).toBeNull();
  expect(settings(["--miners", "3"]).miners).toBe(3);
  expect(settings(["--miners", "all"]).miners).toBe(Math.min(availableParallelism(), 256));
  const help = readConfig(["--help"], {});
  expect(help.ok ? "" : help.text).toContain(`none up to ${HASHES_PER_SEC_WITHOUT_THREAD_MAX / 1_000}kH/s`);
});

test("free relay is a rate of bytes, and may be none", () => {
  expect(settings(["--free-relay", "1.5MB/s"]).freeRelay).toBe(1_500_000);
  expect(settings(["--free-relay", "0B/s"]).freeRelay).toBe(0);
  expect(refusal(["--free-relay", "50"])).toContain('such as "50kB/s"');
});

test("peers may be repeated and listed", () => {
  const peer = ["http://127.0.0.1:1", "http://127.0.0.1:2", "http://b.example"];
  expect(settings(["--peer", `${peer[0]},${peer[1]}`, "--peer", `${peer[2]}`]).peer).toEqual(peer);
  expect(settings(["--peer", `${peer[2]}`], { FORKLAB_PEER: `${peer[0]}` }).peer).toEqual([peer[2]]);
});

test("a flag that nobody knows is refused, with the one that was meant", () => {
  expect(refusal(["--prot", "4001"])).toMatch(/unknown option '--prot'[\s\S]*--port/);
  expect(refusal(["4001"])).toMatch(/argument/);
});

test.each([
  [["--port", "70000"], "--port", "70000", "a port from 0 to 65535"],
  [["--hash-rate", "20"], "--hash-rate", "20", 'such as "20kH/s"'],
  [["--mine", "yes"], "--mine", "yes", "one of continuous, demand, off"],
  [["--peer", "ftp://x"], "--peer", "ftp://x", "an http or https address"],
  [["--peer", "http://user:pw@x"], "--peer", "http://user:pw@x", "an http or https address"],
  [["--name", "a b"], "--name", "a b", "1 to 64 letters"],
  [["--mempool-bytes", "1"], "--mempool-bytes", "1", 'such as "32MB"'],
  [["--control-from", "172.16.0.0/33"], "--control-from", "172.16.0.0/33", "a network such as 172.16.0.0/12"],
  [["--miners", "0"], "--miners", "0", "a number from 1 to 256, or all"],
  [["--miners", "257"], "--miners", "257", "a number from 1 to 256, or all"],
  [["--dir-slots", "0"], "--dir-slots", "0", "a number from 1 to 1024"],
])("%j names the flag, what was found and what is accepted", (args, flag, found, accepted) => {
  const text = refusal(args);
  for (const part of [flag, found, accepted]) expect(text).toContain(part);
});

test("a bad variable is named as the variable that it is", () => {
  expect(refusal([], { FORKLAB_PORT: "x" })).toContain('FORKLAB_PORT is "x"; expected a port');
});

test("the help holds every flag with its variable and default, in groups, in 80 columns", () => {
  const outcome = readConfig(["--help"], {});
  expect(outcome).toMatchObject({ ok: false, exitCode: 0 });
  const text = outcome.ok ? "" : outcome.text;
  for (const { flag, unit, variable, default: value, group } of settingRows()) {
    const own = text.slice(text.indexOf(`  ${flag} <${unit}>`)).split(/\n {2}--|\n\n/)[0] ?? "";
    expect(own, flag).toContain(`[${variable}]`);
    if (value !== null) expect(own.replaceAll(/\s+/g, " "), flag).toContain(`Default: ${value}.`);
    expect(text.match(new RegExp(`^${group}:$`, "gm")), group).toHaveLength(1);
  }
  // A list of networks has nowhere to break.
  const long = text.split("\n").filter((line) => line.length > 80 && line.includes(" ".repeat(3)));
  expect(long.filter((line) => !line.includes("/8,"))).toEqual([]);
});
