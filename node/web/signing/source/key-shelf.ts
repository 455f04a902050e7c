import type { Hex } from "../../../core/chain/types.ts";
import type { BrowserKey } from "./sign-transaction.ts";

/** A key of this browser with the name that its user gave it. */
export interface NamedKey extends BrowserKey {
  readonly name: string;
}

const DATABASE = "forklab";
const STORE = "keys";
const VERSION = 1;

/**
 * The keys of this browser, in IndexedDB: they stay when the page is closed, and no page of another origin (another port is another one) sees them. The browser
 * keeps the secrets itself and hands out what signs with them. Methods reject with the browser's own error.
 */
export class KeyShelf {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  static async open(factory: DatabaseFactory = browserDatabases()): Promise<KeyShelf> {
    const request = factory.open(DATABASE, VERSION);
    request.onupgradeneeded = () => void request.result.createObjectStore(STORE, { keyPath: "name" });
    return new KeyShelf(await resultOf(request));
  }

  /** Keeps a key; one of the same name is replaced. */
  async put(name: string, { publicKey, privateKey }: BrowserKey): Promise<void> {
    await resultOf(this.#store("readwrite").put({ name, publicKey, privateKey }));
  }

  /** Null: there is none of this name. */
  async get(name: string): Promise<NamedKey | null> {
    return ((await resultOf(this.#store("readonly").get(name))) as NamedKey | undefined) ?? null;
  }

  /** By name. */
  async list(): Promise<{ readonly name: string; readonly publicKey: Hex }[]> {
    const keys = (await resultOf(this.#store("readonly").getAll())) as NamedKey[];
    return keys.map(({ name, publicKey }) => ({ name, publicKey }));
  }

  async remove(name: string): Promise<void> {
    await resultOf(this.#store("readwrite").delete(name));
  }

  close(): void {
    this.#database.close();
  }

  #store(mode: "readonly" | "readwrite"): ObjectStore {
    return this.#database.transaction(STORE, mode).objectStore(STORE);
  }
}

function resultOf<T>(request: DatabaseRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function browserDatabases(): DatabaseFactory {
  // Node.js, whose types the whole repository is checked with, has no databases.
  return (globalThis as unknown as { readonly indexedDB: DatabaseFactory }).indexedDB;
}

/** What is used of IndexedDB. Source: w3.org/TR/IndexedDB-3. */
export interface DatabaseFactory {
  open(name: string, version: number): DatabaseRequest<Database> & { onupgradeneeded: (() => void) | null };
}

interface Database {
  createObjectStore(name: string, options: { readonly keyPath: string }): unknown;
  transaction(store: string, mode: "readonly" | "readwrite"): { objectStore(name: string): ObjectStore };
  close(): void;
}

interface ObjectStore {
  put(value: unknown): DatabaseRequest<unknown>;
  get(key: string): DatabaseRequest<unknown>;
  getAll(): DatabaseRequest<unknown>;
  delete(key: string): DatabaseRequest<unknown>;
}

interface DatabaseRequest<T> {
  readonly result: T;
  readonly error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
