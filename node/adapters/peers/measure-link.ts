import { MICROS_PER_MS, type Micros } from "../../core/support/micros.ts";
import { PACKET_BYTES } from "../../link/link-delay.ts";
import type { LinkMeasure, LinkMeasured } from "../../ports/peer-directory.ts";
import type { LinkSender } from "./link-sender.ts";
import { PROBE_BYTES } from "./probe-frames.ts";
import type { Probes } from "./probes.ts";

export const NOT_SENT: LinkMeasured = { sent: false, oneWayMs: null, spacingMs: null, spacingBytes: null };

/** Between two looks whether the link is free: short beside the gaps between messages. */
const LOOK_INTERVAL_MS = 5;

/** The largest second message. A quarter of what may wait for a peer; enough to tell 1 Gbit/s from no limit. */
const SECOND_BYTES_MAX = 16 * 1024 * 1024;

export interface MeasuredLink {
  readonly sender: LinkSender;
  /** Asked when the message goes out. */
  readonly uplinkBitsPerSec: () => number | null;
  readonly nowUs: () => Micros;
}

/**
 * Sends a message when nothing that is under way would hold it up, so that its delay is the link's own; with `uplinkMs` a second one in
 * the same turn, with the same draws, so that what the uplink needs for it is all that lies between their arrivals. The peer's clock tells both.
 * The second is large by what the link counts, as padded blocks are, and carries no more bytes than the first.
 */
export async function measureLink(
  probes: Probes,
  { sender, uplinkBitsPerSec, nowUs }: MeasuredLink,
  { drawKey, uplinkMs, waitMs, deadlineMs }: LinkMeasure,
): Promise<LinkMeasured> {
  const patientUntilUs = nowUs() + waitMs * MICROS_PER_MS;
  while (sender.shaper.isHeldUp(nowUs(), drawKey)) {
    if (nowUs() >= patientUntilUs) return NOT_SENT;
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
  }
  const sizes = uplinkMs === 0 ? null : pairSizes(uplinkBitsPerSec(), uplinkMs);
  const firstBytes = sizes?.firstBytes ?? PROBE_BYTES;
  if (!sender.hasRoomToMeasure(firstBytes + (sizes?.secondBytes ?? 0))) return NOT_SENT;
  const send = (sizeBytes: number) =>
    probes.oneWay((item) => sender.send(item), { drawKey, sizeBytes }, deadlineMs);
  const [first, second] = await Promise.all([
    send(firstBytes),
    sizes === null ? null : send(sizes.secondBytes),
  ]);
  if (first.arrivedUs === null) return { ...NOT_SENT, sent: true };
  const oneWayMs = (first.arrivedUs - first.sentUs) / MICROS_PER_MS;
  if (sizes === null || second === null || second.arrivedUs === null)
    return { ...NOT_SENT, sent: true, oneWayMs };
  const spacingMs = (second.arrivedUs - first.arrivedUs) / MICROS_PER_MS;
  return { sent: true, oneWayMs, spacingMs, spacingBytes: sizes.spacingBytes };
}

export interface PairSizes {
  readonly firstBytes: number;
  readonly secondBytes: number;
  /** The uplink's work between the arrivals. */
  readonly spacingBytes: number;
}

/**
 * Sizes of two messages that this uplink sets so far apart; less far when that would take more bytes than are allowed. Messages up to one packet start
 * at once, so there the difference of their sizes counts; larger ones wait for what the node is sending, and then for one another.
 */
export function pairSizes(bitsPerSec: number | null, uplinkMs: number): PairSizes {
  const wantedBytes =
    bitsPerSec === null
      ? SECOND_BYTES_MAX
      : Math.min(SECOND_BYTES_MAX, Math.ceil((bitsPerSec * uplinkMs) / 8_000));
  if (PROBE_BYTES + wantedBytes <= PACKET_BYTES)
    return { firstBytes: PROBE_BYTES, secondBytes: PROBE_BYTES + wantedBytes, spacingBytes: wantedBytes };
  const secondBytes = Math.max(PACKET_BYTES + 1, wantedBytes);
  return { firstBytes: PACKET_BYTES + 1, secondBytes, spacingBytes: secondBytes };
}
