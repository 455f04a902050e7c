/**
 * The number that a hash must not exceed, from its compact form, as Bitcoin's `nBits`: one byte of length, three of leading bytes.
 * @param {number} compact
 */
export function targetOf(compact) {
  const length = compact >>> 24;
  const leading = BigInt(compact & 0x7fffff);
  return length <= 3 ? leading >> BigInt(8 * (3 - length)) : leading << BigInt(8 * (length - 3));
}

/**
 * Whether a hash, read as one number, meets the target.
 * @param {string} hash
 * @param {number} compact
 */
export function meetsTarget(hash, compact) {
  return BigInt(`0x${hash}`) <= targetOf(compact);
}
