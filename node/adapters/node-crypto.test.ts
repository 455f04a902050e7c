import { expect, test } from "vitest";
import { hexToBytes } from "../core/chain/hex.ts";
import {
  NodeCrypto,
  PUBLIC_KEY_COUNT_MAX,
  randomSigner,
  signerFromSecret,
  signerFromSeed,
} from "./node-crypto.ts";

/** RFC 8032, section 7.1, tests 1 to 3: secret, public key, message, signature. */
const VECTORS: readonly (readonly [string, string, string, string])[] = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
];

const crypto = new NodeCrypto();
/** The order of the group: a signature's second half must be below it. */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

test.each(VECTORS)("signs and verifies the vector of secret %s", (secret, publicKey, message, signature) => {
  const signer = signerFromSecret(hexToBytes(secret));
  expect(signer.publicKey).toBe(publicKey);
  expect(signer.sign(hexToBytes(message))).toBe(signature);
  expect(crypto.verify(publicKey, hexToBytes(message), signature)).toBe(true);
  expect(crypto.verify(publicKey, hexToBytes(`${message}00`), signature)).toBe(false);
});

test("a signature is refused once any bit of it is another", () => {
  const [, publicKey, , signature] = VECTORS[0] ?? ["", "", "", ""];
  for (let bit = 0; bit < 512; bit += 1) {
    const bytes = hexToBytes(signature);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(crypto.verify(publicKey, new Uint8Array(0), Buffer.from(bytes).toString("hex"))).toBe(false);
  }
});

test("a signature has no second form with the group order added", () => {
  const [, publicKey, , signature] = VECTORS[0] ?? ["", "", "", ""];
  const s = BigInt(`0x${Buffer.from(signature.slice(64), "hex").reverse().toString("hex")}`) + GROUP_ORDER;
  const second = Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse().toString("hex");
  expect(crypto.verify(publicKey, new Uint8Array(0), signature.slice(0, 64) + second)).toBe(false);
});

test("a malformed key or signature is false, not an error", () => {
  const [, publicKey, , signature] = VECTORS[0] ?? ["", "", "", ""];
  const nothing = new Uint8Array(0);
  expect(crypto.verify("", nothing, signature)).toBe(false);
  expect(crypto.verify(publicKey.toUpperCase(), nothing, signature)).toBe(false);
  expect(crypto.verify(publicKey, nothing, "00")).toBe(false);
  for (const byte of ["00", "01", "02", "7f", "ff"]) {
    expect(crypto.verify(byte.repeat(32), nothing, signature)).toBe(false);
    expect(crypto.verify(publicKey, nothing, byte.repeat(64))).toBe(false);
  }
});

test("hashes as FIPS 180 says", () => {
  expect(crypto.sha256(new TextEncoder().encode("abc"))).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test("a seed gives the same signer each time, and another seed another", () => {
  expect(signerFromSeed("miner 1").publicKey).toBe(signerFromSeed("miner 1").publicKey);
  expect(signerFromSeed("miner 1").publicKey).not.toBe(signerFromSeed("miner 2").publicKey);
  expect(randomSigner().publicKey).not.toBe(randomSigner().publicKey);
  expect(() => signerFromSecret(new Uint8Array(31))).toThrow(RangeError);
});

test("more keys than are kept are still verified", () => {
  const few = new NodeCrypto(2);
  for (let round = 0; round < 2; round += 1)
    for (const [, publicKey, message, signature] of VECTORS)
      expect(few.verify(publicKey, hexToBytes(message), signature)).toBe(true);
  expect(PUBLIC_KEY_COUNT_MAX).toBeGreaterThan(2);
});
