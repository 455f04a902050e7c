import { html, nothing } from "/web/lit/lit-html.js";
import { ask, Refused } from "../shell/api.js";
import { hashAt } from "../shell/find.js";
import * as format from "../shell/format.js";
import { blockLink, facts, minerOf, timeOf, transactionTable } from "./parts.js";

/** @import { OneBlock, Page, PageContext, Status } from "../types.js" */

/** Transactions that one page shows; the rest is a click away. */
const SHOWN_COUNT = 100;

/**
 * One block, by its hash, or by its height on the best chain.
 * @param {PageContext} context
 * @returns {Page}
 */
export function open({ params: [which = ""], update }) {
  /** @type {OneBlock} */
  let block;
  /** @type {Status} */
  let status;
  /** @type {string | null} */
  let nextHash = null;
  let shownCount = SHOWN_COUNT;
  const showAll = () => {
    shownCount = Number.POSITIVE_INFINITY;
    update();
  };
  return {
    title: "Block",
    reloadOn: ["tip-changed"],
    async load() {
      status = await ask("/status");
      const hash = /^\d{1,9}$/.test(which) ? await hashAt(Number(which)) : which;
      if (hash === null) throw new Refused("unknown-block", `There is no block at height ${which} yet.`, 404);
      block = await ask(`/blocks/${encodeURIComponent(hash)}`);
      nextHash = block.confirmations === null ? null : await hashAt(block.height + 1);
    },
    render: () => html`
      <h1 tabindex="-1">Block ${format.count(block.height)}</h1>
      ${
        block.confirmations === null
          ? html`<p class="notice bad">This block is <strong>not on the best chain</strong>: another branch had more work. Its transactions count only where they are in other blocks.</p>`
          : html`<p class="notice good">On the best chain, ${format.counted(block.confirmations, "confirmation")}.</p>`
      }
      ${facts([
        ["Hash", html`<code>${block.hash}</code>`],
        ["Before it", block.height === 0 ? "nothing: this is genesis" : blockLink(block.parentHash)],
        ["After it", nextHash === null ? "nothing yet" : blockLink(nextHash)],
        ["Time", html`${timeOf(block.timeMs)}, on its miner’s clock`],
        ["Miner", minerOf(block, status.minerAccount)],
        ["Difficulty", `${block.difficulty.toFixed(2)} bits, ${format.count(block.work)} hashes expected`],
        ["Work of the chain", format.count(block.chainWork)],
        ["Nonce", html`<code>${block.nonce}</code>`],
        ["Merkle root", html`<code>${block.merkleRoot}</code>`],
        ["Size", format.bytes(block.sizeBytes)],
      ])}
      ${
        block.transactions.length === 0
          ? html`<p class="muted">No transactions.</p>`
          : transactionTable(
              format.counted(block.transactions.length, "transaction"),
              block.transactions.slice(0, shownCount),
            )
      }
      ${block.transactions.length > shownCount ? html`<button @click=${showAll}>Show all ${format.count(block.transactions.length)}</button>` : nothing}
    `,
  };
}
