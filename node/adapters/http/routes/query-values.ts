import * as z from "zod";
import { hex } from "../../../schemas/decode.ts";
import { PAGE_COUNT_MAX } from "../chain-pages.ts";

/** A whole number in an address: queries are text. */
export const wholeNumber = () =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: "a whole number expected" })
    .transform(Number);

/** How many of a list one answer may hold. */
export const limit = () =>
  z
    .string()
    .regex(/^[1-9]\d{0,3}$/, { error: `1 to ${PAGE_COUNT_MAX} expected` })
    .transform(Number)
    .refine((value) => value <= PAGE_COUNT_MAX, { error: `1 to ${PAGE_COUNT_MAX} expected` })
    .optional();

/** Where the page before ended: height and index of its last transaction, as `next` gave it. */
export const position = () =>
  z
    .string()
    .regex(/^\d{1,9}\.\d{1,9}$/, { error: "the `next` of a page expected" })
    .transform((text) => {
      const [height = "", index = ""] = text.split(".");
      return { height: Number(height), index: Number(index) };
    })
    .optional();

export const hashParams = z.strictObject({ hash: hex(32) });
export const idParams = z.strictObject({ id: hex(32) });
export const accountParams = z.strictObject({ key: hex(32) });
