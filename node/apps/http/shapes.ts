import * as z from "zod";

/** What the answers of all applications' clients have in common. */

/** Seconds since 1970. */
export const seconds = () => z.number();
export const index = () => z.int().min(0);
/** A number where readers of JSON keep it exact, else its digits. */
export const nonce = () => z.union([z.int().min(0), z.string().regex(/^\d+$/)]);
export const address = () => z.string();

/** The whole block as base64, null of genesis: what another node needs to take it in. */
export const canonical = () => z.string().nullable();
