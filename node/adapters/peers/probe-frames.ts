import { ByteReader, ByteWriter } from "../../core/chain/bytes.ts";
import { FRAME_BYTES } from "../../core/machine/wire.ts";
import type { Micros } from "../../core/support/micros.ts";

/** Frames of the transport's own, which no protocol sees, have kinds from here up. */
export const PROBE_KIND_MIN = 0xf0;

/** Goes over the shaped link, and is answered with a receipt and an echo. */
export const PROBE_KIND = 0xf0;
/** Comes back past the peer's shaper, so that one direction can be seen alone. */
export const RECEIPT_KIND = 0xf1;
/** Comes back through the peer's shaper, for the way there and back. */
export const ECHO_KIND = 0xf2;
/** As a probe, but answered with a receipt alone. */
export const ONE_WAY_KIND = 0xf3;

const PAYLOAD_BYTES = 4 + 8;

/** Bytes of every frame of these kinds. */
export const PROBE_BYTES = FRAME_BYTES + PAYLOAD_BYTES;

export interface ProbeFrame {
  readonly kind: number;
  /** Of the probe, which its answers repeat. */
  readonly id: number;
  /** When the frame was made, by its sender's clock. */
  readonly atUs: Micros;
}

export function encodeProbeFrame({ kind, id, atUs }: ProbeFrame): Uint8Array {
  const writer = new ByteWriter(PROBE_BYTES);
  writer.u8(kind);
  writer.u32(PAYLOAD_BYTES);
  writer.u32(id);
  writer.u64(BigInt(atUs));
  return writer.finish();
}

/** Null if the bytes are no frame of this shape. */
export function decodeProbeFrame(bytes: Uint8Array): ProbeFrame | null {
  const reader = new ByteReader(bytes);
  const kind = reader.u8();
  reader.u32();
  const decoded = reader.finish({ kind, id: reader.u32(), atUs: Number(reader.u64()) });
  return decoded.fault === null ? decoded.value : null;
}
