import * as z from "zod";
import { hex, nodeName, peerUrl } from "../../schemas/decode.ts";

/** Of the hello, the frames and their layout. Nodes of different versions refuse each other. */
export const PROTOCOL_VERSION = 1;

/**
 * What one node says to another before anything else, and what the other answers. `session` is what the receiver shall show with its
 * messages; `instance` changes with each start of the process, so that a restarted peer is not taken for the one before.
 */
export const helloSchema = z.strictObject({
  version: z.int(),
  name: nodeName(),
  url: peerUrl(),
  genesis: hex(32),
  /** Of the chain, so that a refusal can say what differs. */
  chain: z.strictObject({ name: z.string().max(255), seal: z.enum(["hash", "drawn"]) }),
  instance: hex(16),
  session: hex(16),
});

export type Hello = z.infer<typeof helloSchema>;

/** In words, for both ends, why these two are not on one chain; null if they are. */
export function chainDifference(mine: Hello, theirs: Hello): string | null {
  if (mine.genesis === theirs.genesis) return null;
  const what = (hello: Hello) =>
    `${hello.name} has "${hello.chain.name}" with seal ${hello.chain.seal}, genesis ${hello.genesis}`;
  return `different chain: ${what(mine)}; ${what(theirs)}`;
}
