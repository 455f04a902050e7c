import * as z from "zod";
import type { NodeContext } from "../node-context.ts";
import { refusal } from "../reply.ts";
import { route } from "../route.ts";
import { oneBlockShape } from "../shapes/block-shapes.ts";
import { blockReply } from "./chain-routes.ts";

/** How long POST /mine looks for a block, ms. */
const MINE_DEADLINE_MS = 60_000;

export const mineRoute = route({
  method: "POST",
  path: "/mine",
  section: "chain",
  text: "In mining mode `demand`: makes one block now and answers 201 with it. A chain that really hashes takes as long as its hash rate takes, one minute at most.",
  body: z.strictObject({}),
  bodyKind: "json-or-none",
  status: 201,
  answer: oneBlockShape,
  errors: ["mining-not-on-demand", "mining-took-too-long", "damaged-block"],
  handle: async (_asked, node: NodeContext) => {
    if (node.mining.mode !== "demand")
      return refusal("mining-not-on-demand", `the mining mode is ${node.mining.mode}, not demand`);
    const block = await node.mining.mineOne(MINE_DEADLINE_MS);
    return block === null ? refusal("mining-took-too-long") : blockReply(block, node);
  },
});
