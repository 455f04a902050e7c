import type { ChainPosition } from "../../../ports/chain-queries.ts";

/** A place on the chain as it stands in answers and queries; null at the end. */
export function positionText(position: ChainPosition | null): string | null {
  return position === null ? null : `${position.height}.${position.index}`;
}
