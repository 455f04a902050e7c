import { isHex } from "../chain/hex.ts";
import type { Hex } from "../chain/types.ts";
import type { BlockEntry } from "../state/block-entry.ts";

/** Where a chain ends, as a node tells it beside the messages. */
export interface TipView {
  readonly hash: Hex;
  readonly height: number;
}

/** A tip as one line, to be read by `decodeTipText`: `7 00a1...`. */
export function tipTextOf({ hash, header }: BlockEntry): string {
  return `${header.height} ${hash}`;
}

/** Null: no such line. What it says is a peer's word and nobody looks whether there is such a block. */
export function decodeTipText(text: string): TipView | null {
  const [, digits = "", hash = ""] = /^(\d{1,10}) ([0-9a-f]{64})$/.exec(text) ?? [];
  const height = Number(digits);
  return isHex(hash, 32) && height < 2 ** 32 ? { hash, height } : null;
}
