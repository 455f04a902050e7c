import {
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import { hexToBytes, isHex } from "../core/chain/hex.ts";
import type { Hex } from "../core/chain/types.ts";
import type { Crypto, Signer, VerifyLater } from "../ports/crypto.ts";

/**
 * Public keys kept parsed: measured, a verification takes 0.17 ms with parsing and 0.11 ms without. More accounts than this are
 * seldom active at once, and at 3 to 4 kB a key it is 15 MB at most; beyond it the one that was parsed first goes.
 */
export const PUBLIC_KEY_COUNT_MAX = 4_096;

/** SHA-256 and Ed25519 by the OpenSSL that Node.js brings. */
export class NodeCrypto implements Crypto {
  /** In the order in which they were first asked for. */
  readonly #publicKeys = new Map<Hex, KeyObject>();
  readonly #publicKeyCountMax: number;

  constructor(publicKeyCountMax: number = PUBLIC_KEY_COUNT_MAX) {
    this.#publicKeyCountMax = publicKeyCountMax;
  }

  sha256(bytes: Uint8Array): Hex {
    return hash("sha256", bytes, "hex");
  }

  verify(publicKey: Hex, message: Uint8Array, signature: Hex): boolean {
    if (!isHex(publicKey, 32) || !isHex(signature, 64)) return false;
    const key = this.#publicKey(publicKey);
    return key !== null && verify(null, message, key, hexToBytes(signature));
  }

  /** See `VerifyLater`. The threads are those that Node.js keeps for such work. */
  readonly verifyLater: VerifyLater = (publicKey, message, signature, done) => {
    const key = isHex(publicKey, 32) && isHex(signature, 64) ? this.#publicKey(publicKey) : null;
    if (key === null) setImmediate(done, false);
    else
      verify(null, message, key, hexToBytes(signature), (error, isValid) => done(error === null && isValid));
  };

  /** Null for 32 bytes that OpenSSL takes for no key. */
  #publicKey(publicKey: Hex): KeyObject | null {
    const known = this.#publicKeys.get(publicKey);
    if (known !== undefined) return known;
    const key = parsePublicKey(publicKey);
    if (key === null) return null;
    const [oldest] = this.#publicKeys.keys();
    if (oldest !== undefined && this.#publicKeys.size >= this.#publicKeyCountMax)
      this.#publicKeys.delete(oldest);
    this.#publicKeys.set(publicKey, key);
    return key;
  }
}

/** A signer whose private key is the SHA-256 of `text`. For experiments that must repeat: who knows the text has the key. */
export function signerFromSeed(text: string): Signer {
  return signerFromSecret(hash("sha256", text, "buffer"));
}

/** A signer with a key that nobody knows. */
export function randomSigner(): Signer {
  return signerFromSecret(randomBytes(SECRET_BYTES));
}

/** A signer with this private key: the 32 bytes that RFC 8032 calls the secret. */
export function signerFromSecret(secret: Uint8Array): Signer {
  const key = privateKeyOf(secret);
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: spki.subarray(SPKI_PREFIX.length).toString("hex"),
    sign: (message) => sign(null, message, key).toString("hex"),
  };
}

/** The secret as PKCS #8 in PEM, as OpenSSL and browsers read it. */
export function pemOfSecret(secret: Uint8Array): string {
  return privateKeyOf(secret).export({ format: "pem", type: "pkcs8" }).toString();
}

/** The secret in a PKCS #8 PEM; null where there is no Ed25519 key, or one that is encrypted. */
export function secretFromPem(pem: string): Uint8Array | null {
  try {
    const key = createPrivateKey(pem);
    const { d } = key.asymmetricKeyType === "ed25519" ? key.export({ format: "jwk" }) : {};
    return d === undefined ? null : Buffer.from(d, "base64url");
  } catch {
    // OpenSSL has many words for it, none of which says more.
    return null;
  }
}

const SECRET_BYTES = 32;

/** What stands before a raw key in DER: algorithm Ed25519. Source: RFC 8410, sections 4 and 7. */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

function privateKeyOf(secret: Uint8Array): KeyObject {
  if (secret.length !== SECRET_BYTES) throw new RangeError(`an Ed25519 secret has ${SECRET_BYTES} bytes`);
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: "der", type: "pkcs8" });
}

function parsePublicKey(publicKey: Hex): KeyObject | null {
  try {
    return createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, hexToBytes(publicKey)]),
      format: "der",
      type: "spki",
    });
  } catch {
    // Not every OpenSSL looks at the point when it parses; where one does, a bad point is a signature that fails.
    return null;
  }
}
