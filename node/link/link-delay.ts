import type { Micros } from "../core/support/micros.ts";

/**
 * How long a link holds a message, live and simulated alike: the sender's uplink, the retransmissions of lost packets, then the
 * latency; messages of one link stay in order, as on a TCP connection.
 */

/**
 * Messages up to one packet do not wait for others of the same sender: connections share an uplink packet by packet,
 * so a small message slips in beside a long one. Ethernet's payload, bytes.
 */
export const PACKET_BYTES = 1_500;

/**
 * Time to the first retransmission of a lost packet; it doubles with each further loss.
 * Source: Linux TCP_RTO_MIN, include/net/tcp.h.
 */
export const RETRANSMISSION_TIMEOUT_US: Micros = 200_000;

/** Losses in a row after which a delay grows no more: 2^8 timeouts are 51 s, beyond any deadline of the protocol. */
const LOSSES_IN_A_ROW_MAX = 8;

/** Time that a sender of this many bits per second needs for a message; 0 when the uplink has no limit (null). */
export function transmissionUs(sizeBytes: number, bitsPerSec: number | null): Micros {
  return bitsPerSec === null ? 0 : Math.ceil((sizeBytes * 8_000_000) / bitsPerSec);
}

/** When the last bit leaves, where the uplink is busy until `busyUntilUs`; the caller then adds the transmission to that time. */
export function departureUs(
  nowUs: Micros,
  busyUntilUs: Micros,
  sizeBytes: number,
  durationUs: Micros,
): Micros {
  const startUs = sizeBytes <= PACKET_BYTES || busyUntilUs < nowUs ? nowUs : busyUntilUs;
  return startUs + durationUs;
}

/**
 * Delay that losses add: with probability `lossRatio` a first timeout, with its square a second of twice the length, and so on.
 * The message itself always arrives. `uniform` lies strictly between 0 and 1.
 */
export function retransmissionUs(lossRatio: number, uniform: number): Micros {
  if (lossRatio === 0 || uniform >= lossRatio) return 0;
  const losses = Math.min(LOSSES_IN_A_ROW_MAX, Math.floor(Math.log(uniform) / Math.log(lossRatio)));
  return RETRANSMISSION_TIMEOUT_US * (2 ** losses - 1);
}
