import * as z from "zod";
import { hex, nodeName, peerUrl } from "./decode.ts";

/**
 * What one node says to another before anything else, and what the other answers. `session` is what the receiver shall show with its
 * messages; `instance` changes with each start of the process, so that a restarted peer is not taken for the one before.
 */
export const helloSchema = z
  .strictObject({
    version: z.int(),
    name: nodeName(),
    url: peerUrl(),
    genesis: hex(32),
    /** Of the chain, so that a refusal can say what differs. */
    chain: z.strictObject({ name: z.string().max(255), seal: z.enum(["hash", "drawn"]) }),
    instance: hex(16),
    session: hex(16),
  })
  .meta({ id: "Hello" });

export type Hello = z.infer<typeof helloSchema>;
