import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import * as z from "zod";
import { hex } from "../../schemas/decode.ts";
import type { Passphrase } from "./passphrase.ts";

/** How a key is made from a passphrase. `cost` is scrypt's N, `blockSize` r, `parallelization` p. */
export interface SealCost {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

/**
 * Of the choices that OWASP calls equally strong the one with 32 MiB: the one with 128 MiB (N = 2^17, p = 1) would be half of what a node has in a container
 * of compose.yaml. 0.24 s on the machine that this was measured on. Source: OWASP Password Storage Cheat Sheet, scrypt.
 */
export const SEAL_COST: SealCost = { cost: 2 ** 15, blockSize: 8, parallelization: 3 };

/** Memory that a file may make its reader take, bytes: OWASP's largest choice, twice. */
const SCRYPT_BYTES_MAX = 256 * 1024 * 1024;

/** Turns that a file may make its reader wait for: ten seconds' worth. */
const PARALLELIZATION_MAX = 64;

const KEY_BYTES = 32;
/** 96 bits, which GCM is made for. Random ones serve for 2^32 secrets of one key; a file has thousands. Source: NIST SP 800-38D, section 8.3. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What a file says of how it is sealed. `check` is nothing, sealed: it tells a wrong passphrase from a right one. */
export const sealHeaderSchema = z
  .strictObject({
    kdf: z.literal("scrypt"),
    cost: z
      .int()
      .min(2)
      .max(2 ** 24)
      .refine((cost) => Number.isInteger(Math.log2(cost)), { error: "a power of 2 expected" }),
    blockSize: z.int().min(1).max(64),
    parallelization: z.int().min(1).max(PARALLELIZATION_MAX),
    salt: hex(16),
    cipher: z.literal("aes-256-gcm"),
    check: hex(NONCE_BYTES + TAG_BYTES),
  })
  .refine(({ cost, blockSize }) => 128 * cost * blockSize <= SCRYPT_BYTES_MAX, {
    error: "scrypt with so much memory is not taken",
  });

export type SealHeader = z.infer<typeof sealHeaderSchema>;

/** Seals secrets with a key that was made from a passphrase, and opens them. Each is bound to a label: moved under another, it does not open. */
export class Seal {
  readonly header: SealHeader;
  readonly #key: Uint8Array;

  private constructor(header: SealHeader, key: Uint8Array) {
    this.header = header;
    this.#key = key;
  }

  static make(passphrase: Passphrase, cost: SealCost = SEAL_COST): Seal {
    const salt = randomBytes(16).toString("hex");
    const key = deriveKey(passphrase, salt, cost);
    const check = sealWith(key, new Uint8Array(0), CHECK_LABEL);
    return new Seal({ kdf: "scrypt", ...cost, salt, cipher: "aes-256-gcm", check }, key);
  }

  /** Null: it is another passphrase, or the header is damaged; nobody can tell which. */
  static open(header: SealHeader, passphrase: Passphrase): Seal | null {
    const key = deriveKey(passphrase, header.salt, header);
    return openWith(key, header.check, CHECK_LABEL) === null ? null : new Seal(header, key);
  }

  /** Nonce, ciphertext and tag as hex. */
  seal(secret: Uint8Array, label: string): string {
    return sealWith(this.#key, secret, label);
  }

  /** Null: damaged, or sealed under another label. */
  unseal(sealed: string, label: string): Uint8Array | null {
    return openWith(this.#key, sealed, label);
  }
}

/** Nothing else has a label without a line feed. */
const CHECK_LABEL = "check";

function deriveKey(
  passphrase: Passphrase,
  salt: string,
  { cost, blockSize, parallelization }: SealCost,
): Uint8Array {
  return scryptSync(passphrase.reveal(), Buffer.from(salt, "hex"), KEY_BYTES, {
    cost,
    blockSize,
    parallelization,
    // What scrypt takes, and some room: Node.js allows 32 MiB if nothing is said.
    maxmem: 128 * blockSize * (cost + parallelization) + 1024 * 1024,
  });
}

function sealWith(key: Uint8Array, secret: Uint8Array, label: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(label, "utf8"));
  const sealed = Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString("hex");
}

function openWith(key: Uint8Array, sealed: string, label: string): Uint8Array | null {
  const bytes = Buffer.from(sealed, "hex");
  const end = bytes.length - TAG_BYTES;
  if (end < NONCE_BYTES) return null;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(label, "utf8"));
  decipher.setAuthTag(bytes.subarray(end));
  const secret = decipher.update(bytes.subarray(NONCE_BYTES, end));
  try {
    return Buffer.concat([secret, decipher.final()]);
  } catch {
    // The tag does not fit, which is all that OpenSSL says.
    return null;
  }
}
