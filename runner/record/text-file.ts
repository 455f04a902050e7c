import { createHash } from "node:crypto";
import { open, rename } from "node:fs/promises";

/** Text gathered before it goes to disk: large enough that the calls cost nothing, small enough to forget. */
const CHUNK_CHARACTERS = 1 << 20;

/**
 * Writes a file piece by piece and gives the SHA-256 of its bytes (UTF-8), in hex. It has its name only once it is
 * whole: until then it is `<path>.tmp`, so nobody takes half a table for a table.
 */
export async function writeTextFile(path: string, pieces: Iterable<string>): Promise<string> {
  const hash = createHash("sha256");
  const partial = `${path}.tmp`;
  const file = await open(partial, "w");
  try {
    for (const chunk of chunksOf(pieces)) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  await rename(partial, path);
  return hash.digest("hex");
}

/** The SHA-256 that `writeTextFile` would give, with nothing written. */
export function hashText(pieces: Iterable<string>): string {
  const hash = createHash("sha256");
  for (const chunk of chunksOf(pieces)) hash.update(chunk);
  return hash.digest("hex");
}

function* chunksOf(pieces: Iterable<string>): Generator<string> {
  let chunk = "";
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}
