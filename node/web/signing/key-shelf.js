// Made from node/web/signing/source/key-shelf.ts by node/web/signing/build.ts; do not edit.
/** A key of this browser with the name that its user gave it. */

const DATABASE = "forklab";
const STORE = "keys";
const VERSION = 1;

/**
 * The keys of this browser, in IndexedDB: they stay when the page is closed, and no page of another origin (another port is another one) sees them. The browser
 * keeps the secrets itself and hands out what signs with them. Methods reject with the browser's own error.
 */
export class KeyShelf {
           #database          ;

          constructor(database          ) {
    this.#database = database;
  }

  static async open(factory                  = browserDatabases())                    {
    const request = factory.open(DATABASE, VERSION);
    request.onupgradeneeded = () => void request.result.createObjectStore(STORE, { keyPath: "name" });
    return new KeyShelf(await resultOf(request));
  }

  /** Keeps a key; one of the same name is replaced. */
  async put(name        , { publicKey, privateKey }            )                {
    await resultOf(this.#store("readwrite").put({ name, publicKey, privateKey }));
  }

  /** Null: there is none of this name. */
  async get(name        )                           {
    return ((await resultOf(this.#store("readonly").get(name)))                        ) ?? null;
  }

  /** By name. */
  async list()                                                                {
    const keys = (await resultOf(this.#store("readonly").getAll()))              ;
    return keys.map(({ name, publicKey }) => ({ name, publicKey }));
  }

  async remove(name        )                {
    await resultOf(this.#store("readwrite").delete(name));
  }

  close()       {
    this.#database.close();
  }

  #store(mode                          )              {
    return this.#database.transaction(STORE, mode).objectStore(STORE);
  }
}

function resultOf   (request                    )             {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function browserDatabases()                  {
  // Node.js, whose types the whole repository is checked with, has no databases.
  return (globalThis                                                      ).indexedDB;
}

/** What is used of IndexedDB. Source: w3.org/TR/IndexedDB-3. */
