import type { Evidence } from "../../faults/evidence.ts";

/** One direction, by the indices of its ends. */
export type LinkEnds = readonly [source: number, target: number];

/** Whether the plan and its faults have this direction of a link open now. */
export type IsOpen = (source: number, target: number) => boolean;

/** What lies below the nodes and can stop the packets of a link by itself. What it cannot stop, the sending node holds back. */
export interface LinkCuts {
  /** Takes in which links are to be open; `settle` does it. */
  want(isOpen: IsOpen): void;
  /** Whether, with what was wanted last, no packet passes between the two, in either direction. */
  stops(source: number, target: number): boolean;
  /** Resolves when what is wanted holds. Throws an `OperationError`. */
  settle(): Promise<void>;
  /** Looks from inside the nodes whether packets pass where they may, and nowhere else; null where nothing lies below. */
  probe(links: readonly LinkEnds[]): Promise<Evidence | null>;
}

/** Nothing below: every cut is the sending node's. */
export const CUT_BY_NODES: LinkCuts = {
  want: () => undefined,
  stops: () => false,
  settle: async () => undefined,
  probe: async () => null,
};
