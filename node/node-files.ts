import { readFileSync } from "node:fs";
import type { Logger } from "pino";
import { signerFromSecret, signerFromSeed } from "./adapters/node-crypto.ts";
import { FileChainStore } from "./adapters/store/file-chain-store.ts";
import { readOrMakeKey } from "./adapters/store/key-file.ts";
import { StorageError } from "./adapters/store/storage-error.ts";
import { makeTransactionFacts } from "./core/rules/check-transaction.ts";
import type { ChainParameters } from "./core/rules/parameters.ts";
import type { BlockEntry } from "./core/state/block-entry.ts";
import type { BlockTree } from "./core/state/block-tree.ts";
import { DEFAULT_CHAIN } from "./default-chain.ts";
import type { HeldFolder } from "./hold-folder.ts";
import type { Host } from "./host/host.ts";
import { type LinkConditions, PLAIN_LINKS } from "./link/link-conditions.ts";
import type { Signer } from "./ports/crypto.ts";
import { decodeChainParameters } from "./schemas/chain-parameters-schema.ts";
import { type DecodedValue, decodeJson } from "./schemas/decode.ts";
import { linkConditionsSchema } from "./schemas/link-conditions-schema.ts";
import { StartError } from "./start-error.ts";

/** What a node keeps on disk, held by this process until it is closed. */
export interface NodeFolder {
  readonly path: string;
  readonly store: FileChainStore;
  readonly signer: Signer;
  close(): void;
}

/** Opens a folder that this process has locked; closing it gives the lock back. Throws a `StorageError` for people. */
export function openFolder({ path, lock }: HeldFolder, tree: BlockTree, keySeed: string | null): NodeFolder {
  try {
    const store = new FileChainStore(path, tree.genesis.hash, tree.parameters.blockBytesMax);
    const signer = keySeed === null ? signerFromSecret(readOrMakeKey(path)) : signerFromSeed(keySeed);
    const close = () => {
      store.close();
      lock.release();
    };
    return { path, store, signer, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Hands the stored blocks to the host, and tells of each. */
export function restoreBlocks(
  host: Host,
  store: FileChainStore,
  log: Logger,
  onRestored: (block: BlockEntry) => void,
): void {
  const { tree } = host.machine;
  function* entries(): Generator<BlockEntry> {
    const stored = store.blocks();
    let next = stored.next();
    for (; !next.done; next = stored.next()) {
      const { header, transactions } = next.value;
      const facts = transactions.map((tx) => makeTransactionFacts(tx, tree.transactionContext));
      const entered = tree.enterMined(header, facts);
      const violation = entered.ok ? tree.judge(entered.block) : entered.violation;
      if (!entered.ok || violation !== null)
        throw new StorageError(
          `${store.path} holds a block that breaks the rule ${violation?.code}; move it away`,
        );
      onRestored(entered.block);
      yield entered.block;
    }
    if (next.value !== null) log.warn({ file: store.path, ...next.value }, "torn-tail-cut-off");
  }
  host.restore(entries());
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
