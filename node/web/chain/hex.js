/**
 * @param {string} hex Of whole bytes.
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOfHex(hex) {
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1)
    bytes[index] = Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
  return bytes;
}

/** @param {Uint8Array} bytes */
export function hexOfBytes(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Whether the browser offers its cryptography here. It does on this machine and over HTTPS, not at a plain HTTP address of another machine.
 */
export function hasCrypto() {
  return globalThis.crypto?.subtle !== undefined;
}

/**
 * SHA-256, by the browser.
 * @param {readonly Uint8Array[]} parts One after the other.
 */
export async function sha256(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return hexOfBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
