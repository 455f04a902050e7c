import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { aChain, contextOf } from "../../../../test/support/chain-fixtures.ts";
import { signerFromSecret } from "../../../adapters/node-crypto.ts";
import { U64_MAX } from "../../../core/chain/bytes.ts";
import { bytesToHex } from "../../../core/chain/hex.ts";
import { signingBytes } from "../../../core/chain/transaction-bytes.ts";
import type { TransactionBody } from "../../../core/chain/types.ts";
import { makeTransactionFacts } from "../../../core/rules/check-transaction.ts";
import { transactionSchema } from "../../../schemas/transaction-schema.ts";
import { signingModules } from "../build.ts";
import type * as MakeKey from "./make-key.ts";
import type * as Sign from "./sign-transaction.ts";

// The very modules that a browser is served. WebCrypto is the same interface here; what a browser makes of them docs/wallet.md says.
const { signTransaction }: typeof Sign = await load("sign-transaction.js");
const { makeKey, importKey, whyNoSigning }: typeof MakeKey = await load("make-key.js");

function load<T>(name: string): Promise<T> {
  return import(new URL(`../${name}`, import.meta.url).href) as Promise<T>;
}

const context = contextOf(aChain());
const { genesisHash } = context;

const anAmount = fc.bigInt({ min: 0n, max: U64_MAX / 2n });
const aKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const aBody: fc.Arbitrary<TransactionBody> = fc.oneof(
  fc.record({ kind: fc.constant("transfer" as const), recipient: aKey.map(bytesToHex), amount: anAmount }),
  fc.record({ kind: fc.constant("post" as const), text: fc.string({ unit: "grapheme", maxLength: 200 }) }),
);
const anUnsigned = fc.record({ body: aBody, sequence: fc.nat(0xffff_ffff), fee: anAmount });

/** As RFC 8410 has the secret of an Ed25519 key. */
function pemOf(secret: Uint8Array): string {
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), secret]);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
}

test("what a browser signs is what a node's own signer signs, and what a node takes, whatever is signed", async () => {
  await fc.assert(
    fc.asyncProperty(aKey, anUnsigned, async (secret, unsigned) => {
      const key = await importKey(pemOf(secret));
      const signer = signerFromSecret(secret);
      expect(key.publicKey).toBe(signer.publicKey);
      const json = await signTransaction(unsigned, genesisHash, key);
      const tx = transactionSchema.parse(JSON.parse(JSON.stringify(json)));
      expect(tx).toEqual({
        ...unsigned,
        sender: signer.publicKey,
        signature: signer.sign(signingBytes({ ...unsigned, sender: signer.publicKey }, genesisHash)),
      });
      const facts = makeTransactionFacts(tx, context);
      expect(facts.violation).toBeNull();
    }),
    { numRuns: 100 },
  );
});

test("the signature of a published key is the published one", async () => {
  // RFC 8032, section 7.1, test 1: the key pair.
  const key = await importKey(
    pemOf(Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex")),
  );
  expect(key.publicKey).toBe("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
});

test("a new key signs, its secret cannot be read again, and its PEM gives it back", async () => {
  expect(await whyNoSigning()).toBeNull();
  const { key, pem } = await makeKey();
  expect(key.privateKey.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("pkcs8", key.privateKey)).rejects.toThrow();
  const again = await importKey(`\n${pem.replaceAll("\n", "\r\n")}`);
  expect(again.publicKey).toBe(key.publicKey);
  // An independent reader of the PEM.
  const { x } = createPublicKey(pem).export({ format: "jwk" });
  expect(Buffer.from(x ?? "", "base64url").toString("hex")).toBe(key.publicKey);
  const unsigned = { body: { kind: "post", text: "hello" } as const, sequence: 0, fee: 0n };
  const { signature } = await signTransaction(unsigned, genesisHash, key);
  const message = signingBytes({ ...unsigned, sender: key.publicKey }, genesisHash);
  expect(verify(null, message, createPublicKey(pem), Buffer.from(signature, "hex"))).toBe(true);
});

test("what has no canonical bytes is refused in words", async () => {
  const { key } = await makeKey();
  const good = { body: { kind: "transfer", recipient: key.publicKey, amount: 1n }, sequence: 0, fee: 0n };
  const signed = (change: object, genesis = genesisHash) =>
    signTransaction({ ...good, ...change } as never, genesis, key);
  await expect(signed({}, "ff")).rejects.toThrow("the genesis hash is not 32 bytes");
  await expect(signed({ fee: 1 })).rejects.toThrow("fee is not a BigInt");
  await expect(signed({ body: { ...good.body, amount: "1" } })).rejects.toThrow("amount is not a BigInt");
  await expect(signed({ body: { ...good.body, amount: -1n } })).rejects.toThrow(
    "amount is not from 0 to 2^64 - 1",
  );
  await expect(signed({ body: { ...good.body, recipient: "bob" } })).rejects.toThrow(
    "recipient is not 32 bytes",
  );
  await expect(signed({ sequence: 1.5 })).rejects.toThrow("sequence is not an integer");
  await expect(signed({ body: { kind: "post", text: "\ud800" } })).rejects.toThrow("well-formed");
  await expect(signed({ body: { kind: "coinbase", amount: 1n } })).rejects.toThrow("a coinbase is made by");
  for (const pem of [
    "",
    "hello",
    pemOf(Buffer.alloc(31)),
    pemOf(Buffer.alloc(33)),
    "-----BEGIN PRIVATE KEY-----\n?\n-----END PRIVATE KEY-----",
  ])
    await expect(importKey(pem)).rejects.toThrow(/this is no /);
});

test("the modules in the repository are those that the sources make, all that they need is there, and none names a type's file", () => {
  const modules = signingModules();
  for (const [name, text] of modules) {
    expect(readFileSync(new URL(`../${name}`, import.meta.url), "utf8")).toBe(text);
    for (const [, needed = ""] of text.matchAll(/from "\.\/([^"]+)"/g))
      expect([...modules.keys()]).toContain(needed);
    expect(text).not.toMatch(/\bfrom "(?!\.\/)/);
    expect(text).not.toMatch(/^(?:export )?(?:interface|type) /m);
  }
  expect([...modules.keys()]).toEqual(
    expect.arrayContaining(["sign-transaction.js", "make-key.js", "key-shelf.js"]),
  );
});
