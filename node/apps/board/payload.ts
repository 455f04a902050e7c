import type { Decoded } from "../../core/chain/bytes.ts";
import { decodePayload, text, wholeNumber } from "../support/decode-payload.ts";
import { NAME_LENGTH_MAX } from "../support/labels.ts";

/** A post on the board. */
export interface BoardPost {
  /** A label beside the key that signed: nobody owns it. */
  readonly author: string;
  readonly content: string;
  /** By the clock of the node that took the post in. */
  readonly timestampMs: number;
}

/** Characters of a post: a page. */
export const CONTENT_LENGTH_MAX = 2_000;

/** A header's time has as many bits. */
const TIME_MS_MAX = 2 ** 48 - 1;

export function decodeBoardPost(payload: string): Decoded<BoardPost> {
  return decodePayload<BoardPost>(payload, {
    author: text(NAME_LENGTH_MAX),
    content: text(CONTENT_LENGTH_MAX),
    timestampMs: wholeNumber(TIME_MS_MAX),
  });
}
