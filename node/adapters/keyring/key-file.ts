import * as z from "zod";
import type { Hex } from "../../core/chain/types.ts";
import type { Signer } from "../../ports/crypto.ts";
import { decodeJson, hex } from "../../schemas/decode.ts";
import type { Passphrase } from "./passphrase.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";
import { SEAL_COST, Seal, type SealCost, sealHeaderSchema } from "./seal.ts";
import { SecretError } from "./secret-error.ts";

/** Counted up by whoever changes what a file may hold; another version is refused, and the file left as it is. */
const FORMAT_VERSION = 1;

const SECRET_BYTES = 32;

const entrySchema = z.strictObject({
  name: z.string(),
  publicKey: hex(32),
  /** The secret as hex, or sealed: nonce, ciphertext, tag. */
  secret: z.union([hex(SECRET_BYTES), hex(12 + SECRET_BYTES + 16)]),
});
const fileSchema = z.strictObject({
  format: z.literal("forklab keys"),
  version: z.literal(FORMAT_VERSION),
  seal: sealHeaderSchema.nullable(),
  keys: z.array(entrySchema),
});
const headSchema = z.looseObject({ format: z.literal("forklab keys"), version: z.int() });

type Entry = z.infer<typeof entrySchema>;

/** A key of a file, without its secret. */
export interface KeptKey {
  readonly name: string;
  readonly publicKey: Hex;
}

export type MakeSigner = (secret: Uint8Array) => Signer;

/**
 * Ed25519 keys by name in one file: names and public keys in clear, secrets sealed with a passphrase or, without one, as they are. Read as a whole when
 * opened and replaced as a whole by each change, so it must have one writer at a time. Every method may throw a `SecretError` for people.
 */
export class KeyFile {
  readonly path: string;
  readonly #entries = new Map<string, Entry>();
  readonly #makeSigner: MakeSigner;
  readonly #sealCost: SealCost;
  #seal: Seal | null = null;
  /** Of a file that is sealed and not unlocked yet. */
  #locked: z.infer<typeof sealHeaderSchema> | null = null;

  private constructor(path: string, makeSigner: MakeSigner, sealCost: SealCost) {
    this.path = path;
    this.#makeSigner = makeSigner;
    this.#sealCost = sealCost;
  }

  /** A file that is not there is one without keys; it is made by the first change. `sealCost`: of a file that is sealed for the first time. */
  static open(path: string, makeSigner: MakeSigner, sealCost = SEAL_COST): KeyFile {
    const file = new KeyFile(path, makeSigner, sealCost);
    const text = readPrivateFile(path, "secret keys");
    if (text !== null) file.#decode(text);
    return file;
  }

  /** Whether the secrets on the disk are sealed. */
  get isSealed(): boolean {
    return this.#locked !== null || this.#seal !== null;
  }

  get count(): number {
    return this.#entries.size;
  }

  /** In the order in which they were made. */
  keys(): KeptKey[] {
    return [...this.#entries.values()].map(({ name, publicKey }) => ({ name, publicKey }));
  }

  publicKeyOf(name: string): Hex | null {
    return this.#entries.get(name)?.publicKey ?? null;
  }

  /**
   * To be called before any secret is asked for or added. A file that was not sealed is sealed from now on when there is a passphrase. Null is none: enough
   * for a file that is not sealed.
   */
  unlock(passphrase: Passphrase | null): void {
    if (this.#locked !== null) {
      if (passphrase === null)
        throw new SecretError(`${this.path} is sealed with a passphrase, and none was given`, true);
      this.#seal = Seal.open(this.#locked, passphrase);
      if (this.#seal === null) throw new SecretError(`the passphrase does not open ${this.path}`, true);
      this.#locked = null;
    } else if (passphrase !== null && this.#seal === null) {
      this.#sealAll(Seal.make(passphrase, this.#sealCost));
    }
  }

  /** Null: there is none of this name. Throws where what the disk holds is not that name's key. */
  signerOf(name: string): Signer | null {
    const entry = this.#entries.get(name);
    return entry === undefined ? null : this.#open(entry).signer;
  }

  /** The 32 bytes of a key; null and throws as above. */
  secretOf(name: string): Uint8Array | null {
    const entry = this.#entries.get(name);
    return entry === undefined ? null : this.#open(entry).secret;
  }

  /** Adds a key under a name that is not taken. It is on the disk when this returns; when it throws there is no such key. */
  add(name: string, secret: Uint8Array): Signer {
    if (this.#entries.has(name))
      throw new SecretError(`${this.path} has a key of the name ${JSON.stringify(name)} already`);
    const signer = this.#makeSigner(secret);
    const key = { name, publicKey: signer.publicKey };
    this.#entries.set(name, { ...key, secret: this.#secretText(key, secret, this.#seal) });
    try {
      this.#write();
    } catch (error) {
      this.#entries.delete(name);
      throw error;
    }
    return signer;
  }

  #decode(text: string): void {
    const head = decodeJson(headSchema, text);
    if (!head.ok) throw new SecretError(`${this.path} is no file of keys: ${head.fault}`);
    if (head.value.version !== FORMAT_VERSION)
      throw new SecretError(
        `${this.path} is a file of keys of version ${head.value.version}, and this program reads version ${FORMAT_VERSION}`,
      );
    const decoded = decodeJson(fileSchema, text);
    if (!decoded.ok) throw new SecretError(`${this.path} is damaged: ${decoded.fault}`);
    for (const entry of decoded.value.keys) {
      if (this.#entries.has(entry.name))
        throw new SecretError(`${this.path} is damaged: ${JSON.stringify(entry.name)} is there twice`);
      this.#entries.set(entry.name, entry);
    }
    this.#locked = decoded.value.seal;
  }

  #sealAll(seal: Seal): void {
    const sealed = [...this.#entries.values()].map((entry) => ({
      ...entry,
      secret: this.#secretText(entry, this.#open(entry).secret, seal),
    }));
    this.#seal = seal;
    for (const entry of sealed) this.#entries.set(entry.name, entry);
    if (sealed.length > 0) this.#write();
  }

  #secretText(key: KeptKey, secret: Uint8Array, seal: Seal | null): string {
    this.#checkUnlocked();
    return seal === null ? Buffer.from(secret).toString("hex") : seal.seal(secret, labelOf(key));
  }

  #open(entry: Entry): { readonly secret: Uint8Array; readonly signer: Signer } {
    this.#checkUnlocked();
    const secret =
      this.#seal === null
        ? Buffer.from(entry.secret, "hex")
        : this.#seal.unseal(entry.secret, labelOf(entry));
    const signer = secret?.length === SECRET_BYTES ? this.#makeSigner(secret) : null;
    if (secret === null || signer?.publicKey !== entry.publicKey)
      throw new SecretError(`the key of ${JSON.stringify(entry.name)} in ${this.path} is damaged`);
    return { secret, signer };
  }

  #checkUnlocked(): void {
    if (this.#locked !== null) throw new SecretError(`${this.path} is sealed, and was not unlocked`);
  }

  #write(): void {
    const file = {
      format: "forklab keys",
      version: FORMAT_VERSION,
      seal: this.#seal?.header ?? null,
      keys: [...this.#entries.values()],
    };
    writePrivateFile(this.path, `${JSON.stringify(file, null, 1)}\n`);
  }
}

/** Of a sealed secret, so that nobody who can write the file can give one name's coins to another. */
function labelOf({ name, publicKey }: KeptKey): string {
  return `forklab key\n${publicKey}\n${name}`;
}
