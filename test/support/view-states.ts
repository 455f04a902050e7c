import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import { Mempool } from "../../node/core/state/mempool.ts";
import { ViewState } from "../../node/core/sync/view-state.ts";

/** The state of a view that holds nothing but genesis, without a protocol around it. */
export function aViewState(genesis: BlockEntry, view = 0): ViewState {
  return new ViewState(view, genesis, new Mempool(0));
}
