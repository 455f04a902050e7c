import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KeyFile } from "../../node/adapters/keyring/key-file.ts";
import { Passphrase } from "../../node/adapters/keyring/passphrase.ts";
import { NodeCrypto, randomSigner, signerFromSecret } from "../../node/adapters/node-crypto.ts";
import { Prng } from "../../node/core/support/prng.ts";
import { chainJson, NodeUnderTest, Scratch, spawnNode } from "../support/live-process.ts";

const PASSPHRASE = "correct horse battery";

/** A folder with a chain and two files with passphrases; flags of a node in it. */
function aHome(scratch: Scratch) {
  const chain = scratch.json("chain.json", chainJson());
  const passphrase = scratch.dir("passphrase");
  writeFileSync(passphrase, `${PASSPHRASE}\n`, { mode: 0o600 });
  const wrong = scratch.dir("wrong-passphrase");
  writeFileSync(wrong, "another one entirely\n", { mode: 0o600 });
  const flags = ["--dir", scratch.dir("a"), "--chain", chain, "--mine", "off", "--log-level", "debug"];
  return { flags, passphrase, wrong, keyring: join(scratch.dir("a"), "keyring.json") };
}

async function minerAccount(node: NodeUnderTest): Promise<string> {
  return (await node.get<{ minerAccount: string }>("/status")).minerAccount;
}

async function refused(flags: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const { exited, output } = spawnNode(flags);
  const { code } = await exited;
  expect(output.stdout).toBe("");
  return { code, stderr: output.stderr };
}

test("a node keeps its key through starts, in clear with a word in its log, sealed from the first passphrase on; a wrong one is a bad setting", async () => {
  using scratch = new Scratch();
  const { flags, passphrase, wrong, keyring } = aHome(scratch);
  let account: string;
  {
    await using node = await NodeUnderTest.start(flags);
    account = await minerAccount(node);
    expect(node.stderr.match(/keyring-is-not-sealed/g)).toHaveLength(1);
    expect(statSync(keyring).mode & 0o777).toBe(0o600);
  }
  const secret = JSON.parse(readFileSync(keyring, "utf8")).keys[0].secret;
  const sealedFlags = [...flags, "--keyring-passphrase-file", passphrase];
  {
    await using node = await NodeUnderTest.start(sealedFlags);
    expect(await minerAccount(node)).toBe(account);
    expect(node.stderr).toContain("keyring-was-plain-and-is-sealed-now");
    const status = JSON.stringify(await node.status());
    const files = readdirSync(scratch.dir("a")).map((name) =>
      readFileSync(join(scratch.dir("a"), name), "latin1"),
    );
    for (const text of [status, node.stderr, ...files]) {
      expect(text).not.toContain(PASSPHRASE);
      expect(text).not.toContain(secret);
    }
  }
  {
    await using node = await NodeUnderTest.start(sealedFlags);
    expect(await minerAccount(node)).toBe(account);
    expect(node.stderr).not.toContain("keyring-");
  }
  const before = readFileSync(keyring, "utf8");
  const bad = await refused([...flags, "--keyring-passphrase-file", wrong]);
  expect(bad).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^forklab node: the passphrase does not open .*keyring\.json \(--keyring-passphrase-file/,
    ),
  });
  expect(bad.stderr).not.toContain("another one entirely");
  expect(await refused(flags)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("is sealed with a passphrase, and none was given"),
  });
  expect(readFileSync(keyring, "utf8")).toBe(before);
});

test("keys or a passphrase that others can read keep a node from starting, and it says what to do", async () => {
  using scratch = new Scratch();
  const { flags, passphrase, keyring } = aHome(scratch);
  chmodSync(passphrase, 0o640);
  expect(await refused([...flags, "--keyring-passphrase-file", passphrase])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /holds a passphrase, and others may get at it \(its mode is 0640\): make it yours alone with chmod 600 /,
    ),
  });
  expect(await refused([...flags, "--keyring-passphrase-file", scratch.dir("none")])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("is not there"),
  });
  await (await NodeUnderTest.start(flags))[Symbol.asyncDispose]();
  chmodSync(keyring, 0o644);
  expect(await refused(flags)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`chmod 600 ${keyring}`),
  });
});

test("the key of a node of a version before is its key still, in the one file", async () => {
  using scratch = new Scratch();
  const { flags, keyring } = aHome(scratch);
  const secret = Buffer.alloc(32, 9);
  mkdirSync(scratch.dir("a"));
  writeFileSync(join(scratch.dir("a"), "key"), `${secret.toString("hex")}\n`, { mode: 0o600 });
  await using node = await NodeUnderTest.start(flags);
  expect(await minerAccount(node)).toBe(signerFromSecret(secret).publicKey);
  expect(existsSync(join(scratch.dir("a"), "key"))).toBe(false);
  expect(readFileSync(keyring, "utf8")).toContain(secret.toString("hex"));
});

/** Names whose keys, public ones by name, the file has not. */
function lostFrom(path: string, used: ReadonlyMap<string, string>): string[] {
  const file = KeyFile.open(path, signerFromSecret);
  file.unlock(null);
  return [...used]
    .filter(([name, publicKey]) => file.signerOf(name)?.publicKey !== publicKey)
    .map(([name]) => name);
}

test("killed at any moment, a keyring has every key that was used, and opens", {
  timeout: 120_000,
}, async () => {
  using scratch = new Scratch();
  const path = scratch.dir("keyring.json");
  const moments = new Prng("kills of a keyring").stream("moments");
  const crypto = new NodeCrypto();
  const used = new Map<string, string>();
  for (let round = 0; round < 6; round += 1) {
    const child = spawn(process.execPath, ["test/wallet/keyring-maker.ts", path, `round ${round}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    let lineCount = 0;
    const enough = 1 + moments.integer(40);
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        lineCount = said.split("\n").length - 1;
        // In the middle of whatever it does then.
        if (lineCount >= enough) child.kill("SIGKILL");
      });
      child.on("close", () => resolve());
    });
    expect(lineCount).toBeGreaterThanOrEqual(enough);
    for (const line of said.split("\n").slice(0, lineCount)) {
      const { name, publicKey, signature } = JSON.parse(line);
      expect(crypto.verify(publicKey, Buffer.from(name), signature)).toBe(true);
      used.set(name, publicKey);
    }
    expect(lostFrom(path, used)).toEqual([]);
  }
  // A key that was used and not kept would be seen.
  const [name = ""] = used.keys();
  expect(
    lostFrom(
      path,
      new Map([
        ["never made", ""],
        [name, randomSigner().publicKey],
      ]),
    ),
  ).toEqual(["never made", name]);
});

test("a passphrase in the environment serves as well, and two are refused", async () => {
  using scratch = new Scratch();
  const { flags, passphrase, keyring } = aHome(scratch);
  const start = (words: readonly string[]) => {
    const child = spawn(process.execPath, ["node/launch.js", ...words], {
      env: { PATH: process.env.PATH, FORKLAB_KEYRING_PASSPHRASE: PASSPHRASE },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdout.once("data", () => child.kill("SIGTERM"));
    return new Promise<{ code: number | null; stderr: string }>((resolve) =>
      child.on("close", (code) => resolve({ code, stderr })),
    );
  };
  expect(await start(flags)).toMatchObject({ code: 0 });
  const file = KeyFile.open(keyring, signerFromSecret);
  expect(file.isSealed).toBe(true);
  file.unlock(Passphrase.of(PASSPHRASE, "test"));
  expect(file.signerOf("")).not.toBeNull();
  expect(await start([...flags, "--keyring-passphrase-file", passphrase])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("not both"),
  });
});
