import { hashHeader } from "../../core/chain/header-bytes.ts";
import type { BlockTemplate } from "../../core/consensus/block-template.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { invariant } from "../../core/support/invariant.ts";
import type { Micros } from "../../core/support/micros.ts";
import type { MinerHost } from "./miner-host.ts";

/** Hands a nonce to the host and gives the block. A block of our own that breaks a rule is our mistake. */
export function sealTemplate(
  host: MinerHost,
  template: BlockTemplate,
  nonce: bigint,
  nowUs: Micros,
): BlockEntry {
  const { tree } = host.machine;
  const violation = host.sealed(template, nonce, nowUs);
  invariant(violation === null, `a block of our own breaks a rule: ${violation?.code}`);
  const block = tree.get(hashHeader({ ...template.header, nonce }, tree.transactionContext.sha256));
  invariant(block !== null, "a block of our own is not in the tree");
  return block;
}
