import type { Hex } from "./types.ts";

/** SHA-256 of bytes, in lower-case hex. Handed in, because the core imports no package and no platform. */
export type Sha256 = (bytes: Uint8Array) => Hex;
