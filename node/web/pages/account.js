import { html, nothing } from "/web/lit/lit-html.js";
import { ask } from "../shell/api.js";
import * as format from "../shell/format.js";
import { accountLink, blockLink, facts, timeOf, transactionLink } from "./parts.js";

/** @import { Account, Page, PageContext } from "../types.js" */

const PAGE_COUNT = 25;

/** @typedef {NonNullable<Account["history"]>} History */

/**
 * What an account has, and what it did.
 * @param {PageContext} context
 * @returns {Page}
 */
export function open({ params: [key = ""], query }) {
  const before = query.get("before");
  /** @type {Account} */
  let account;
  return {
    title: "Account",
    reloadOn: ["tip-changed"],
    async load() {
      const rest = before === null ? "" : `&before=${encodeURIComponent(before)}`;
      account = await ask(`/accounts/${encodeURIComponent(key)}?limit=${PAGE_COUNT}${rest}`);
    },
    render: () => html`
      <h1 tabindex="-1">Account</h1>
      ${facts([
        ["Key", html`<code>${account.account}</code>`],
        ["Balance", html`<b>${format.count(account.balance)}</b>`],
        [
          "Sent so far",
          `${format.counted(account.nextSequence, "transaction")}${account.nextToSubmit > account.nextSequence ? `, and ${account.nextToSubmit - account.nextSequence} waiting here` : ""}`,
        ],
        ["As of", blockLink(account.asOf)],
      ])}
      ${account.history === null ? html`<p class="notice">The node still looks through its blocks; the history comes when it is done.</p>` : historyTable(account.history)}
      <nav class="pager" aria-label="More of the history">
        ${before === null ? nothing : html`<a href="#/accounts/${account.account}">Newest</a>`}
        ${account.history?.next ? html`<a href="#/accounts/${account.account}?before=${account.history.next}">Older</a>` : nothing}
      </nav>
    `,
  };
}

/** @param {History} history */
function historyTable({ count, fromHeight, entries }) {
  if (entries.length === 0) return html`<p class="muted">Nothing of this account is in a block.</p>`;
  const since = fromHeight > 0 ? ` from height ${format.count(fromHeight)} on` : "";
  return html`<table>
    <caption>${format.counted(count, "entry").replace("entrys", "entries")}${since}, the newest first</caption>
    <thead>
      <tr>
        <th scope="col">Time</th>
        <th scope="col">What</th>
        <th scope="col" class="number">Amount</th>
        <th scope="col" class="wide">With</th>
        <th scope="col">Transaction</th>
        <th scope="col" class="number wide">Height</th>
      </tr>
    </thead>
    <tbody>
      ${entries.map(
        (entry) => html`<tr>
          <td>${timeOf(entry.timeMs)}</td>
          <td>${roleText(entry)}</td>
          <td class="number">${entry.amount === null ? nothing : html`${entry.role === "sent" ? "−" : "+"}${format.count(entry.amount)}`}</td>
          <td class="wide">${entry.other === null ? nothing : accountLink(entry.other)}</td>
          <td>${transactionLink(entry.id)}</td>
          <td class="number wide"><a href="#/blocks/${entry.block}">${format.count(entry.height)}</a></td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param {History["entries"][number]} entry */
function roleText({ role, kind }) {
  if (role === "mined") return "mined a block";
  if (kind === "transfer") return role;
  return kind === "post" ? "posted" : `${role}, ${kind}`;
}
