import { expect, test } from "vitest";
import { BlockAuthor } from "../../../test/support/mined-blocks.ts";
import { EncodedBlocks } from "./encoded-blocks.ts";

test("what is kept of a block takes the memory that is counted for it, no share of a larger buffer", async () => {
  const author = new BlockAuthor();
  const blocks = author.chain(author.genesis, 20);
  const encoded = new EncodedBlocks((block) => block.transactions);
  let heldBytes = 0;
  for (const block of blocks) {
    const piece = await encoded.piece(block);
    expect(piece?.plain).toBe(encoded.json(block));
    heldBytes += (piece?.plain.buffer.byteLength ?? 0) + (piece?.deflated.buffer.byteLength ?? 0);
  }
  expect(heldBytes).toBe(encoded.keptBytes);
});
