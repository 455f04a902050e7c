/** @import { PageModule } from "../types.js" */

/** By the first word of the address behind `#/`; each is loaded when it is first opened. Those of applications stand in their folders. */
/** @type {Readonly<Record<string, () => Promise<PageModule>>>} */
const PAGES = {
  "": () => import("../pages/overview.js"),
  blocks: () => import("../pages/blocks.js"),
  block: () => import("../pages/block.js"),
  transactions: () => import("../pages/transaction.js"),
  accounts: () => import("../pages/account.js"),
  tree: () => import("../pages/tree.js"),
  network: () => import("../pages/network.js"),
  board: () => import("/web/board/page.js"),
  wallet: () => import("/web/coin/page.js"),
  bets: () => import("/web/bets/page.js"),
};

/**
 * An address taken apart: `#/blocks/00ab?from=7`.
 * @param {string} hash
 */
export function parseAddress(hash) {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?");
  const [name = "", ...params] = path.split("/").map(decoded);
  return { name, params: params.filter((param) => param !== ""), query: new URLSearchParams(search) };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    // An address that somebody typed: what it says is what is looked for.
    return text;
  }
}

/**
 * The page of this name; null if there is none. Rejects when its files cannot be had.
 * @param {string} name
 * @param {readonly string[]} params
 */
export async function pageModule(name, params) {
  const key = name === "blocks" && params.length > 0 ? "block" : name;
  const load = Object.hasOwn(PAGES, key) ? PAGES[key] : undefined;
  return load === undefined ? null : await load();
}
