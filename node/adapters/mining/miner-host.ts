import type { BlockTemplate } from "../../core/consensus/block-template.ts";
import type { Violation } from "../../core/rules/violation.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { BlockTree } from "../../core/state/block-tree.ts";
import type { Micros } from "../../core/support/micros.ts";

/** The part of a host that a live miner works for. */
export interface MinerHost {
  readonly machine: {
    readonly tree: BlockTree;
    readonly tip: BlockEntry;
    readonly mempool: { readonly count: number; readonly bytes: number };
  };
  template(nowUs: Micros): BlockTemplate;
  sealed(template: BlockTemplate, nonce: bigint, nowUs: Micros): Violation | null;
}
