import { blockSizeBytes } from "../chain/block-bytes.ts";
import { HEADER_BYTES, hashHeader } from "../chain/header-bytes.ts";
import type { Sha256 } from "../chain/sha256.ts";
import { workOfCompact } from "../chain/target.ts";
import { genesisHeader } from "../rules/genesis.ts";
import type { ChainParameters } from "../rules/parameters.ts";
import type { BeliefColumns } from "./belief-columns.ts";
import { BlockEntry } from "./block-entry.ts";
import { genesisLedger } from "./ledger.ts";

/** The entry that every tree of this chain begins with: judged, without transactions, and held by every view. */
export function makeGenesis(parameters: ChainParameters, columns: BeliefColumns, sha256: Sha256): BlockEntry {
  const header = genesisHeader(parameters, sha256);
  const work = workOfCompact(header.compactTarget);
  const hash = hashHeader(header, sha256);
  const genesis = new BlockEntry(0, hash, header, HEADER_BYTES, null, work, columns.settled);
  genesis.transactions = [];
  genesis.sizeBytes = blockSizeBytes([]);
  genesis.judged = true;
  genesis.heldCount = columns.viewCount;
  genesis.ledger = genesisLedger(parameters);
  return genesis;
}
