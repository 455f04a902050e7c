import { html, nothing } from "/web/lit/lit-html.js";
import { ask } from "../shell/api.js";
import { blockTable } from "./parts.js";

/** @import { HeaderPage, Page, PageContext, Status } from "../types.js" */

const PAGE_COUNT = 25;

/**
 * The best chain, the newest block first.
 * @param {PageContext} context
 * @returns {Page}
 */
export function open({ query }) {
  const from = query.get("from");
  /** @type {HeaderPage} */
  let page;
  /** @type {Status} */
  let status;
  return {
    title: "Blocks",
    reloadOn: ["tip-changed"],
    async load() {
      const start = from === null ? "" : `&from=${Number.parseInt(from, 10) || 0}`;
      [page, status] = await Promise.all([ask(`/headers?limit=${PAGE_COUNT}${start}`), ask("/status")]);
    },
    render() {
      const last = page.from + page.headers.length - 1;
      const isNewest = page.next === null;
      const caption = `Height ${page.from} to ${Math.max(page.from, last)} of the best chain, the newest first`;
      return html`
        <h1 tabindex="-1">Blocks</h1>
        ${page.headers.length === 0 ? html`<p>There is no block at this height yet.</p>` : blockTable(caption, page.headers.toReversed(), status.minerAccount)}
        <nav class="pager" aria-label="More blocks">
          ${isNewest ? nothing : html`<a href="#/blocks">Newest</a><a href="#/blocks?from=${page.from + PAGE_COUNT}">Newer</a>`}
          ${page.from === 0 ? nothing : html`<a href="#/blocks?from=${Math.max(0, page.from - PAGE_COUNT)}">Older</a>`}
        </nav>
      `;
    },
  };
}
