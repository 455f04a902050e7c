import { ANNOUNCED, HELD } from "../state/belief-columns.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import { parentOf } from "../state/fork-choice.ts";
import { NO_BLOCKS, type ViewState } from "./view-state.ts";

/** Makes the block the target of a view that is behind, unless it aims at one as good, and its lacking ancestors the path there. */
export function aimAt(state: ViewState, block: BlockEntry): void {
  const isAiming = state.path.length > 0 && !isHeld(state, state.target);
  if (isAiming && block.chainWork <= state.target.chainWork) return;
  const follows = isAiming && block.parent === state.target;
  state.target = block;
  if (follows) return void state.path.push(block);
  const path: BlockEntry[] = [];
  for (let at = block; !isHeld(state, at); at = parentOf(at)) path.push(at);
  state.path = path.reverse();
  state.nextOnPath = 0;
  if (state.waiting.size > 0) letGo(state, (each) => positionOnPath(state, each) === -1);
}

/** The view is not behind any more, or has nowhere to go. */
export function endAim(state: ViewState): void {
  state.path = NO_BLOCKS;
  state.nextOnPath = 0;
}

/** Where the block is on the path; -1 if it is not. */
export function positionOnPath(state: ViewState, block: BlockEntry): number {
  const first = state.path[0];
  if (first === undefined) return -1;
  const position = block.header.height - first.header.height;
  return state.path[position] === block ? position : -1;
}

export function leadsToTarget(state: ViewState, block: BlockEntry): boolean {
  return block === state.target || positionOnPath(state, block) !== -1;
}

/** Blocks of the path that the view holds: the lowest ones, so halving finds how many. */
export function heldOnPath(state: ViewState): number {
  let low = 0;
  let high = state.path.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isHeld(state, state.path[middle] as BlockEntry)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Lets bodies go that wait for nothing any more: they are fetched again if they should be wanted again. */
export function letGo(state: ViewState, isUseless: (block: BlockEntry) => boolean): void {
  for (const block of state.waiting.keys()) {
    if (!isUseless(block)) continue;
    state.waiting.delete(block);
    block.beliefs.status[state.view] = ANNOUNCED;
  }
}

function isHeld(state: ViewState, block: BlockEntry): boolean {
  return block.beliefs.status[state.view] === HELD;
}
