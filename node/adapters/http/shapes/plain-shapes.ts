import * as z from "zod";
import { hex } from "../../../schemas/decode.ts";

/** Answers, in the words of the schemas that check requests; docs/api.md and the OpenAPI document say them to clients. */

/** A number that may exceed 2^53. */
export const decimal = () => z.string().regex(/^\d+$/);
export const hash = () => hex(32);
export const height = () => z.int().min(0);
export const count = () => z.int().min(0);

export const errorShape = z
  .object({
    error: z.object({
      code: z.string(),
      /** True: what was asked certainly did not happen. */
      definite: z.boolean(),
      message: z.string(),
      details: z.record(z.string(), z.unknown()),
    }),
  })
  .meta({ id: "Error", description: "Every error. definite: what was asked certainly did not happen." });
