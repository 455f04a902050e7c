import { FRAME_BYTES } from "../../core/machine/wire.ts";

/** Frames of one batch, at most: as many as a sender's queue holds, so that a batch of empty frames costs little. */
export const FRAMES_COUNT_MAX = 20_000;

/** The frames of a batch, heads included, as views; null if the bytes are not whole frames, or too many. No bytes are no frames. */
export function splitFrames(bytes: Uint8Array): Uint8Array[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Uint8Array[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < FRAME_BYTES || frames.length === FRAMES_COUNT_MAX) return null;
    const end = offset + FRAME_BYTES + view.getUint32(offset + 1);
    if (end > bytes.length) return null;
    frames.push(bytes.subarray(offset, end));
    offset = end;
  }
  return frames;
}
