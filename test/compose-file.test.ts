import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { signerFromSeed } from "../node/adapters/node-crypto.ts";
import { difficultyOf } from "../node/core/chain/target.ts";
import { decodeChainParameters } from "../node/schemas/chain-parameters-schema.ts";
import { loadAccountSeeds } from "../runner/load/endless-run.ts";
import { parseLoadCommand } from "../runner/load/load-command.ts";
import { DASHBOARDS_TITLE } from "../runner/observe/live-dashboards.ts";

const words = z.array(z.union([z.string(), z.number()]).transform(String));
const serviceSchema = z.object({
  image: z.string(),
  command: words.default([]),
  ports: words.default([]),
  volumes: words.default([]),
  tmpfs: words.default([]),
  environment: z.record(z.string(), z.string()).default({}),
  read_only: z.boolean(),
  cap_drop: words,
  security_opt: words,
  pids_limit: z.number(),
  mem_limit: z.string(),
  cpus: z.number(),
});
const composeSchema = z.object({ services: z.record(z.string(), serviceSchema) });

const { services } = composeSchema.parse(parse(readFileSync("compose.yaml", "utf8"), { merge: true }));

/** What stands after `:-` where the environment says nothing. */
function withDefaults(text: string): string {
  return text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");
}

function chainOf(path: string) {
  const decoded = decodeChainParameters(readFileSync(path, "utf8"));
  if (!decoded.ok) throw new Error(decoded.fault);
  return decoded.value;
}

test("every service, those that no test can start among them, runs without rights and within bounds", () => {
  expect(Object.keys(services).sort()).toEqual(["grafana", "load", "node", "prometheus", "registry"]);
  for (const [name, service] of Object.entries(services)) {
    expect([name, service.read_only, service.cap_drop]).toEqual([name, true, ["ALL"]]);
    expect([name, service.security_opt]).toEqual([name, ["no-new-privileges:true"]]);
    const door = /^127\.0\.0\.1:\d+(-\d+)?:\d+$/;
    expect([name, service.ports.map(withDefaults).filter((port) => !door.test(port))]).toEqual([name, []]);
    // Of the repository they read what they need and change nothing.
    const mounts = service.volumes.filter((volume) => volume.startsWith("."));
    expect([name, mounts.filter((mount) => !mount.endsWith(":ro"))]).toEqual([name, []]);
  }
});

test("no container makes a volume without a name, which nobody would remove", () => {
  const folders = { node: "/data", registry: "/data", load: "/data", prometheus: "/prometheus" };
  const declared = [...readFileSync("node/Dockerfile", "utf8").matchAll(/^VOLUME (.+)$/gm)].map(
    ([, at]) => at,
  );
  expect(declared).toEqual(["/data"]);
  for (const [name, folder] of Object.entries(folders)) {
    const { volumes = [], tmpfs = [] } = services[name] ?? {};
    const taken = [
      ...volumes.map((volume) => volume.split(":")[1]),
      ...tmpfs.map((mount) => mount.split(":")[0]),
    ];
    expect([name, taken]).toEqual([name, expect.arrayContaining([folder])]);
  }
});

test("Prometheus takes what a run on this machine writes to it, under the title by which the runner knows it", () => {
  expect(services.prometheus?.command).toEqual(
    expect.arrayContaining(["--web.enable-remote-write-receiver", `--web.page-title=${DASHBOARDS_TITLE}`]),
  );
});

test("images from outside are pinned to a version", () => {
  for (const name of ["prometheus", "grafana"])
    expect(withDefaults(services[name]?.image ?? "")).toMatch(/:v?\d+\.\d+\.\d+$/);
});

test("Grafana lets anybody look and nobody in, and has no password that could be guessed", () => {
  const { environment = {} } = services.grafana ?? {};
  expect(environment).toMatchObject({
    GF_AUTH_ANONYMOUS_ENABLED: "true",
    GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
    GF_AUTH_DISABLE_LOGIN_FORM: "true",
    GF_AUTH_BASIC_ENABLED: "false",
    GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true",
  });
  const everything = Object.values(services).flatMap(({ environment }) => Object.keys(environment));
  expect(everything.filter((key) => /PASSWORD|TOKEN|SECRET/.test(key))).toEqual([]);
});

test("the nodes' chain has a block every few seconds, and gives coins to the accounts of the load", () => {
  const flags = services.node?.command.map(withDefaults) ?? [];
  const chain = chainOf((flags[flags.indexOf("--chain") + 1] ?? "").replace("/app/", ""));
  const hashesPerSec = 4 * Number.parseFloat(flags[flags.indexOf("--hash-rate") + 1] ?? "") * 1_000;
  const firstIntervalSec = 2 ** difficultyOf(chain.initialCompactTarget) / hashesPerSec;
  expect(firstIntervalSec).toBeGreaterThan(3);
  expect(firstIntervalSec).toBeLessThan(7);
  expect(chain.difficultyRule).toMatchObject({ kind: "bitcoin", blockIntervalMs: 4_000 });

  const load = parseLoadCommand(services.load?.command.map(withDefaults) ?? []);
  if (load.kind !== "run") throw new Error("the load's command is refused");
  const { seed, accountCount, kind } = load.options;
  expect(kind).toBe("mixed");
  const paying = loadAccountSeeds(seed, accountCount).map((keySeed) => signerFromSeed(keySeed).publicKey);
  expect(chain.allocations.map(({ account }) => account)).toEqual(paying);
});
