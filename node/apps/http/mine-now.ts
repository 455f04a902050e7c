import type { NodeContext } from "../../adapters/http/node-context.ts";
import { type Refusal, refusal } from "../../adapters/http/reply.ts";
import type { Hex } from "../../core/chain/types.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { catchUp, waitFor } from "./wait-for.ts";

/** How long a block is looked for, ms; as with POST /mine. */
const MINE_DEADLINE_MS = 60_000;

type Mined =
  | { readonly block: BlockEntry; readonly refused: null }
  | { readonly block: null; readonly refused: Refusal };

/**
 * One block on the best chain that peers have, as the clients' routes wait for it. On demand it is made now; a node that mines all the time is
 * waited for until it has found one that `isWanted`, as is one that came from a peer meanwhile, when `isThere` says that nothing is left to mine.
 */
export async function mineNow(
  node: NodeContext,
  isWanted: (block: BlockEntry) => boolean,
  isThere: () => boolean = () => false,
): Promise<Mined> {
  const { mining } = node;
  if (mining.mode === "off")
    return { block: null, refused: refusal("mining-not-on-demand", "this node does not mine") };
  const before = node.host.machine.tip;
  await catchUp(node);
  const isAsked = mining.mode === "demand" && !isThere();
  const block = isAsked ? await mining.mineOne(MINE_DEADLINE_MS) : await nextBlock(node, before, isWanted);
  return block === null ? { block, refused: refusal("mining-took-too-long") } : { block, refused: null };
}

/** A wanted block of the best chain above the tip that was. */
async function nextBlock(
  node: NodeContext,
  before: BlockEntry,
  isWanted: (block: BlockEntry) => boolean,
): Promise<BlockEntry | null> {
  let found: BlockEntry | null = null;
  let seen = before;
  const look = () => {
    const { tip } = node.host.machine;
    if (tip !== seen) found = newestAbove(before, tip, isWanted);
    seen = tip;
    return found !== null;
  };
  await waitFor(node, look, MINE_DEADLINE_MS);
  return found;
}

function newestAbove(
  before: BlockEntry,
  tip: BlockEntry,
  isWanted: (block: BlockEntry) => boolean,
): BlockEntry | null {
  for (let at = tip; at.header.height > before.header.height; ) {
    if (isWanted(at)) return at;
    if (at.parent === null) return null;
    at = at.parent;
  }
  return null;
}

/** Of a block: whether it holds one of these transactions. */
export function holdsAny(ids: ReadonlySet<Hex>): (block: BlockEntry) => boolean {
  return ({ transactions }) => transactions?.some(({ id }) => ids.has(id)) ?? false;
}
