import { readFileSync } from "node:fs";
import type { Damage } from "./adapters/store/set-aside.ts";
import { SqliteChainStore } from "./adapters/store/sqlite-chain-store.ts";
import { StorageError } from "./adapters/store/storage-error.ts";
import type { ChainParameters } from "./core/rules/parameters.ts";
import type { BlockEntry } from "./core/state/block-entry.ts";
import type { BlockTree } from "./core/state/block-tree.ts";
import type { Micros } from "./core/support/micros.ts";
import { DEFAULT_CHAIN } from "./default-chain.ts";
import type { HeldFolder } from "./hold-folder.ts";
import type { Host } from "./host/host.ts";
import { enterStored, type Restored, restoreChain } from "./host/restore-chain.ts";
import { type LinkConditions, PLAIN_LINKS } from "./link/link-conditions.ts";
import type { NodeKeys } from "./node-keys.ts";
import { decodeChainParameters } from "./schemas/chain-parameters-schema.ts";
import { type DecodedValue, decodeJson } from "./schemas/decode.ts";
import { linkConditionsSchema } from "./schemas/link-conditions-schema.ts";
import { StartError } from "./start-error.ts";

/** What a node keeps on disk, held by this process until it is closed. */
export interface NodeFolder {
  readonly path: string;
  readonly store: SqliteChainStore;
  readonly keys: NodeKeys;
  close(): void;
}

/**
 * Opens a folder that this process has locked; closing it gives the lock back. The tree leaves old blocks to its store from now on. Throws a
 * `StorageError` for people, or what `openKeys` throws.
 */
export function openFolder(
  { path, lock }: HeldFolder,
  tree: BlockTree,
  openKeys: (path: string) => NodeKeys,
  onDamage: (damage: Damage) => void,
): NodeFolder {
  try {
    // First, since it is over soon when the passphrase is wrong.
    const keys = openKeys(path);
    const chain = { genesisHash: tree.genesis.hash, name: tree.parameters.name };
    const store = SqliteChainStore.open(path, chain, onDamage);
    tree.attachArchive(store);
    const close = () => {
      store.close();
      lock.release();
    };
    return { path, store, keys, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Puts a host back on the stored blocks, tells of each that is held, and says how it went. Throws a `StorageError` for people. */
export function restoreBlocks(
  host: Host,
  store: SqliteChainStore,
  nowUs: Micros,
  counts: { blockRestored(block: BlockEntry): void },
): Restored {
  const { machine } = host;
  const entered = enterStored(machine.tree, store.headers(), (block, { position }) =>
    store.place(block, position),
  );
  const restored =
    entered.broken === null
      ? restoreChain(machine, entered.found, nowUs, { onHeld: (block) => counts.blockRestored(block) })
      : null;
  const broken = entered.broken ?? restored?.broken ?? null;
  if (restored === null || broken !== null)
    throw new StorageError(
      `${store.path} holds the block ${broken?.hash}, which breaks the rule ${broken?.violation.code}; move it away`,
    );
  return { ...restored, strandedCount: restored.strandedCount + entered.strandedCount };
}

export function readChain(path: string | null): ChainParameters {
  return path === null ? DEFAULT_CHAIN : decodedFile("--chain", path, decodeChainParameters);
}

export function readLinks(path: string | null): LinkConditions {
  if (path === null) return PLAIN_LINKS;
  return decodedFile("--links", path, (text) => decodeJson(linkConditionsSchema, text));
}

function decodedFile<T>(flag: string, path: string, decode: (text: string) => DecodedValue<T>): T {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new StartError(`${flag} ${path} cannot be read: ${String(error)}`, true);
  }
  const decoded = decode(text);
  if (!decoded.ok) throw new StartError(`${flag} ${path}: ${decoded.fault}`, true);
  return decoded.value;
}
