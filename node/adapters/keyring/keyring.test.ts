import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { randomSigner, signerFromSecret } from "../node-crypto.ts";
import { FileKeyring, NAME_LENGTH_MAX } from "./file-keyring.ts";
import { KeyFile } from "./key-file.ts";
import { readOrMakeOwnKey } from "./own-key.ts";
import { Passphrase } from "./passphrase.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";
import { Seal } from "./seal.ts";
import { SecretError } from "./secret-error.ts";

/** Cheap: what is tested is not how long a guess takes. */
const COST = { cost: 16, blockSize: 1, parallelization: 1 };
const PASSPHRASE = Passphrase.of("correct horse battery", "test");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "forklab-keys-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const path = () => join(folder, "keyring.json");

function open(passphrase: Passphrase | null = null): KeyFile {
  const file = KeyFile.open(path(), signerFromSecret, COST);
  file.unlock(passphrase);
  return file;
}

function keyringOn(file: KeyFile, nameCountMax = 10) {
  const own = randomSigner();
  const failures: string[] = [];
  let madeCount = 0;
  const keyring = new FileKeyring(file, {
    nameCountMax,
    own,
    onMade: () => {
      madeCount += 1;
    },
    onFailure: ({ message }) => failures.push(message),
  });
  return { keyring, own, failures, madeCount: () => madeCount };
}

/** The signer, or the test fails with the refusal. */
function signerOf(keyring: FileKeyring, name: string) {
  const signer = keyring.signerOf(name);
  if ("error" in signer) throw new Error(signer.error);
  return signer;
}

test("a name has one key, which is there again after the file is opened again, sealed or not", () => {
  for (const passphrase of [null, PASSPHRASE]) {
    rmSync(path(), { force: true });
    const names = [
      "alice",
      "Alice",
      " alice",
      "名前",
      "a\u0301",
      "á",
      "__proto__",
      "x".repeat(NAME_LENGTH_MAX),
    ];
    const { keyring } = keyringOn(open(passphrase));
    const keys = names.map((name) => signerOf(keyring, name).publicKey);
    expect(new Set(keys).size).toBe(names.length);
    const { keyring: again } = keyringOn(open(passphrase));
    expect(names.map((name) => again.publicKeyOf(name))).toEqual(keys);
    expect(names.map((name) => signerOf(again, name).publicKey)).toEqual(keys);
  }
});

test("a public key as a name means that key, the node's own too, and never makes one", () => {
  const { keyring, own, madeCount } = keyringOn(open());
  const alice = signerOf(keyring, "alice");
  expect(keyring.signerOf(alice.publicKey)).toBe(alice);
  expect(keyring.signerOf(own.publicKey)).toBe(own);
  expect(keyring.publicKeyOf(own.publicKey)).toBe(own.publicKey);
  const stranger = randomSigner().publicKey;
  expect(keyring.signerOf(stranger)).toMatchObject({ code: "not-held" });
  expect(keyring.publicKeyOf(stranger)).toBeNull();
  expect(madeCount()).toBe(1);
});

test("names that nothing could carry are refused, and only asking for a key makes none", () => {
  const { keyring, madeCount } = keyringOn(open());
  for (const name of ["", "x".repeat(NAME_LENGTH_MAX + 1), "half a pair \ud800"])
    expect(keyring.signerOf(name)).toMatchObject({ code: "bad-name" });
  expect(keyring.publicKeyOf("nobody")).toBeNull();
  expect(madeCount()).toBe(0);
  expect(existsSync(path())).toBe(false);
});

test("as many names as allowed have keys; the node's own key does not count, and who is known is still served", () => {
  const file = open();
  readOrMakeOwnKey(file, folder);
  const { keyring } = keyringOn(file, 2);
  const first = signerOf(keyring, "a");
  signerOf(keyring, "b");
  expect(keyring.signerOf("c")).toMatchObject({ code: "keyring-full" });
  expect(keyring.signerOf("a")).toBe(first);
  expect(keyringOn(open(), 0).keyring.signerOf("d")).toMatchObject({
    code: "keyring-full",
    error: /signs for nobody/,
  });
});

test("a key that the disk does not take is none: nothing was signed with it, and the name is free", () => {
  const home = join(folder, "home");
  mkdirSync(home);
  const file = KeyFile.open(join(home, "keyring.json"), signerFromSecret);
  file.unlock(null);
  const { keyring, failures } = keyringOn(file);
  rmSync(home, { recursive: true });
  expect(keyring.signerOf("alice")).toMatchObject({ code: "not-written" });
  expect(keyring.publicKeyOf("alice")).toBeNull();
  expect(failures.join()).toContain("cannot be written");
  mkdirSync(home);
  expect(keyring.signerOf("alice")).toHaveProperty("publicKey");
});

test("a sealed file holds no secret in clear, and opens with its passphrase alone", () => {
  const file = open(PASSPHRASE);
  const secret = Buffer.alloc(32, 0xab);
  file.add("alice", secret);
  const text = readFileSync(path(), "utf8");
  expect(text).not.toContain(secret.toString("hex"));
  expect(text).not.toContain("horse");
  expect(() => open()).toThrow(/sealed with a passphrase, and none was given/);
  expect(() => open(Passphrase.of("a wrong one", "test"))).toThrow(/the passphrase does not open/);
  // Public keys need no passphrase, secrets do.
  const locked = KeyFile.open(path(), signerFromSecret);
  expect(locked.keys()).toEqual(file.keys());
  expect(() => locked.secretOf("alice")).toThrow(SecretError);
  expect(() => locked.add("bob", secret)).toThrow(SecretError);
  expect(open(PASSPHRASE).secretOf("alice")).toEqual(secret);
});

test("a plain file is sealed as soon as there is a passphrase", () => {
  const { publicKey } = open().add("alice", Buffer.alloc(32, 1));
  expect(readFileSync(path(), "utf8")).toContain("01".repeat(32));
  expect(open(PASSPHRASE).signerOf("alice")?.publicKey).toBe(publicKey);
  expect(readFileSync(path(), "utf8")).not.toContain("01".repeat(32));
  expect(() => open()).toThrow(/none was given/);
});

test("a sealed secret under another name, or with one digit changed, does not open", () => {
  const file = open(PASSPHRASE);
  file.add("alice", Buffer.alloc(32, 1));
  file.add("bob", Buffer.alloc(32, 2));
  const json = JSON.parse(readFileSync(path(), "utf8"));
  const [alice, bob] = json.keys;
  const write = (keys: unknown) => writePrivateFile(path(), JSON.stringify({ ...json, keys }));
  write([
    { ...alice, name: "bob" },
    { ...bob, name: "alice" },
  ]);
  expect(keyringOn(open(PASSPHRASE)).keyring.signerOf("alice")).toMatchObject({ code: "damaged-key" });
  write([alice, { ...bob, publicKey: alice.publicKey, secret: alice.secret }]);
  expect(() => open(PASSPHRASE).signerOf("bob")).toThrow(/damaged/);
  fc.assert(
    fc.property(fc.nat(alice.secret.length - 1), (at) => {
      const flipped = (Number.parseInt(alice.secret[at], 16) ^ 1).toString(16);
      write([{ ...alice, secret: alice.secret.slice(0, at) + flipped + alice.secret.slice(at + 1) }]);
      expect(() => open(PASSPHRASE).signerOf("alice")).toThrow(/damaged/);
    }),
    { numRuns: 20 },
  );
});

test("a plain secret that is not its public key's is told, not signed with", () => {
  const file = open();
  file.add("alice", Buffer.alloc(32, 1));
  const text = readFileSync(path(), "utf8").replace("01".repeat(32), "02".repeat(32));
  writePrivateFile(path(), text);
  expect(keyringOn(open()).keyring.signerOf("alice")).toMatchObject({ code: "damaged-key" });
});

test.each([
  ["no JSON", "keys", /is no file of keys: not JSON/],
  ["another program's", '{"a":1}', /is no file of keys/],
  [
    "a later version",
    '{"format":"forklab keys","version":2,"more":1}',
    /of version 2, and this program reads version 1/,
  ],
  ["a field too many", '{"format":"forklab keys","version":1,"seal":null,"keys":[],"x":1}', /is damaged/],
])("%s is refused and left as it is", (_what, text, message) => {
  writePrivateFile(path(), text);
  expect(() => open()).toThrow(message);
  expect(readFileSync(path(), "utf8")).toBe(text);
});

test("a header that would make its reader take much memory or time is refused before any is taken", () => {
  open(PASSPHRASE).add("alice", Buffer.alloc(32, 1));
  const json = JSON.parse(readFileSync(path(), "utf8"));
  for (const change of [{ cost: 2 ** 24 }, { cost: 3 }, { parallelization: 65 }, { blockSize: 65 }]) {
    writePrivateFile(path(), JSON.stringify({ ...json, seal: { ...json.seal, ...change } }));
    expect(() => open(PASSPHRASE)).toThrow(/is damaged/);
  }
});

test.each([0o644, 0o640, 0o604, 0o620, 0o602, 0o700 | 0o001])(
  "a file of keys with the mode %o is refused, with what to do",
  (mode) => {
    open().add("alice", Buffer.alloc(32, 1));
    chmodSync(path(), mode);
    expect(() => open()).toThrow(new RegExp(`others may get at it .*chmod 600 ${path()}`));
  },
);

test("what is written is for its owner alone, whatever lay there or led elsewhere", () => {
  const elsewhere = join(folder, "elsewhere");
  writeFileSync(elsewhere, "old", { mode: 0o644 });
  symlinkSync(elsewhere, `${path()}.new`);
  writeFileSync(path(), "open to all", { mode: 0o644 });
  writePrivateFile(path(), "secret");
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(readPrivateFile(path(), "keys")).toBe("secret");
  expect(readFileSync(elsewhere, "utf8")).toBe("old");
});

test("the node's own key is made once; one of a version before is moved, and deleted only when it is kept", () => {
  const former = Buffer.alloc(32, 7);
  writePrivateFile(join(folder, "key"), `${former.toString("hex")}\n`);
  const own = readOrMakeOwnKey(open(), folder);
  expect(own.publicKey).toBe(signerFromSecret(former).publicKey);
  expect(existsSync(join(folder, "key"))).toBe(false);
  expect(readOrMakeOwnKey(open(PASSPHRASE), folder).publicKey).toBe(own.publicKey);
  expect(readOrMakeOwnKey(open(PASSPHRASE), folder).publicKey).toBe(own.publicKey);
  // A crash between the two steps leaves both.
  writePrivateFile(join(folder, "key"), former.toString("hex"));
  expect(readOrMakeOwnKey(open(PASSPHRASE), folder).publicKey).toBe(own.publicKey);
  writePrivateFile(join(folder, "key"), "08".repeat(32));
  expect(() => readOrMakeOwnKey(open(PASSPHRASE), folder)).toThrow(/two different keys/);
  writePrivateFile(join(folder, "key"), "not a key");
  expect(() => readOrMakeOwnKey(open(PASSPHRASE), folder)).toThrow(/does not hold 32 bytes/);
});

test("a passphrase shows itself nowhere, and two ways to compose its letters are one", () => {
  expect(
    `${PASSPHRASE} ${JSON.stringify({ PASSPHRASE })} ${String(Object.values(PASSPHRASE))}`,
  ).not.toContain("horse");
  const seal = Seal.make(Passphrase.of("pass-\u00e9-phrase", "test"), COST);
  expect(Seal.open(seal.header, Passphrase.of("pass-e\u0301-phrase", "test"))).not.toBeNull();
});

test("a passphrase file is one line, of its owner alone", () => {
  const file = join(folder, "passphrase");
  const read = (text: string, mode = 0o600) => {
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode });
    return Passphrase.fromFile(file);
  };
  expect(read("correct horse battery\r\n").equals(PASSPHRASE)).toBe(true);
  expect(() => read("correct horse battery\n", 0o644)).toThrow(/chmod 600/);
  expect(() => read("seven77\n")).toThrow(/8 characters at least/);
  expect(() => read("two\nlines of it\n")).toThrow(/one line/);
  expect(() => Passphrase.fromFile(join(folder, "none"))).toThrow(/is not there/);
});

test("what is sealed opens with the same passphrase and label alone", () => {
  const [a, b] = [Seal.make(PASSPHRASE, COST), Seal.make(PASSPHRASE, COST)];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.string(), fc.string(), (secret, label, other) => {
      const sealed = a.seal(secret, label);
      expect(Seal.open(a.header, PASSPHRASE)?.unseal(sealed, label)).toEqual(Buffer.from(secret));
      expect(b.unseal(sealed, label)).toBeNull();
      if (other !== label) expect(a.unseal(sealed, other)).toBeNull();
      expect(a.seal(secret, label)).not.toBe(sealed);
    }),
    { numRuns: 50 },
  );
});
