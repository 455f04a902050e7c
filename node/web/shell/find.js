import { ask } from "./api.js";

/** @import { HeaderPage } from "../types.js" */

/**
 * The address of the page about something: a height, or 64 digits that a block, a transaction or an account has. What nothing else has is taken
 * for an account, since any key may be one. Null for what can be none of them.
 * @param {string} text
 * @returns {Promise<string | null>}
 */
export async function addressOf(text) {
  const wanted = text.trim().toLowerCase();
  if (/^\d{1,9}$/.test(wanted)) return `#/blocks/${Number(wanted)}`;
  if (!/^[0-9a-f]{64}$/.test(wanted)) return null;
  if (await isThere(`/blocks/${wanted}`)) return `#/blocks/${wanted}`;
  if (await isThere(`/transactions/${wanted}`)) return `#/transactions/${wanted}`;
  return `#/accounts/${wanted}`;
}

/** @param {string} path */
async function isThere(path) {
  return await ask(path).then(
    () => true,
    () => false,
  );
}

/**
 * The hash of the block at a height of the best chain; null above the tip.
 * @param {number} height
 */
export async function hashAt(height) {
  /** @type {HeaderPage} */
  const page = await ask(`/headers?from=${height}&limit=1`);
  return page.headers[0]?.hash ?? null;
}
