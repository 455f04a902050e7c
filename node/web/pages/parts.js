import { html, nothing } from "/web/lit/lit-html.js";
import * as format from "../shell/format.js";

/** @import { Header, TransactionJson } from "../types.js" */

/** @param {string} hash */
export function blockLink(hash) {
  return html`<a class="hash" href="#/blocks/${hash}" title=${hash}>${format.short(hash)}</a>`;
}

/** @param {string} id */
export function transactionLink(id) {
  return html`<a class="hash" href="#/transactions/${id}" title=${id}>${format.short(id)}</a>`;
}

/**
 * @param {string} key
 * @param {string} [name] What it is called here, if anything.
 */
export function accountLink(key, name) {
  return html`<a class=${name === undefined ? "hash" : ""} href="#/accounts/${key}" title=${key}>${name ?? format.short(key)}</a>`;
}

/** @param {number} timeMs */
export function timeOf(timeMs) {
  return html`<time datetime=${new Date(timeMs).toISOString()}>${format.time(timeMs)}</time>`;
}

/**
 * What a transaction does, in a line.
 * @param {TransactionJson} transaction
 */
export function summary({ body }) {
  switch (body.kind) {
    case "coinbase":
      return html`reward of ${format.count(body.amount)}`;
    case "transfer":
      return html`${format.count(body.amount)} to ${accountLink(body.recipient)}`;
    case "post":
      return html`<q class="cut">${body.text}</q>`;
    case "app":
      return appSummary(body);
  }
}

/**
 * Of an application's, in its words; one that this page does not know is shown as it was signed.
 * @param {{ readonly app: string, readonly payload: string }} body
 */
function appSummary({ app, payload }) {
  const { author, content, from, to, amount, type, player, matchId, scores } = payloadOf(payload);
  if (app === "board") return html`<q class="cut">${content}</q> by ${author}`;
  if (app === "coin") return html`${format.count(amount ?? 0)} from ${nameOf(from)} to ${nameOf(to)}`;
  if (type === "bet") return html`${player} bets on ${scores?.join(" : ")} in match ${matchId}`;
  if (type === "open") return html`opens match ${matchId}`;
  if (type === "result") return html`match ${matchId}: ${scores?.join(" : ") ?? "called off"}`;
  return html`${app} <code class="cut">${payload}</code>`;
}

/** @param {string | undefined} name A key's own account, or a name. */
function nameOf(name = "") {
  return KEY.test(name) ? accountLink(name) : name;
}

const KEY = /^[0-9a-f]{64}$/;

/**
 * The fields of an application's payload, which the rules have looked at before anybody relays it; none if it is no object.
 * @param {string} payload
 * @returns {{ author?: string, content?: string, timestampMs?: number, from?: string, to?: string, amount?: string, type?: string, player?: string, matchId?: string | number, scores?: readonly (string | number)[] | null }}
 */
export function payloadOf(payload) {
  try {
    const value = JSON.parse(payload);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    // A version of the rules that lets this pass is not this page's to judge.
    return {};
  }
}

/**
 * Blocks as rows, in the order given.
 * @param {string} caption
 * @param {readonly Header[]} headers
 * @param {string} [minerHere] This node's account.
 */
export function blockTable(caption, headers, minerHere) {
  return html`<table>
    <caption>${caption}</caption>
    <thead>
      <tr>
        <th scope="col" class="number">Height</th>
        <th scope="col">Block</th>
        <th scope="col">Time</th>
        <th scope="col" class="number">Transactions</th>
        <th scope="col" class="number wide">Size</th>
        <th scope="col" class="wide">Miner</th>
      </tr>
    </thead>
    <tbody>
      ${headers.map(
        (header) => html`<tr>
          <th scope="row" class="number">${format.count(header.height)}</th>
          <td>${blockLink(header.hash)}</td>
          <td>${timeOf(header.timeMs)}</td>
          <td class="number">${header.transactionCount}</td>
          <td class="number wide">${format.bytes(header.sizeBytes)}</td>
          <td class="wide">${minerOf(header, minerHere)}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/**
 * @param {{ readonly height: number, readonly miner: string }} header
 * @param {string} [minerHere]
 */
export function minerOf({ height, miner }, minerHere) {
  if (height === 0) return html`<span class="muted">nobody</span>`;
  return accountLink(miner, miner === minerHere ? "this node" : undefined);
}

/**
 * Transactions as rows, in the order given.
 * @param {string} caption
 * @param {readonly TransactionJson[]} transactions
 */
export function transactionTable(caption, transactions) {
  return html`<table>
    <caption>${caption}</caption>
    <thead>
      <tr>
        <th scope="col">Transaction</th>
        <th scope="col">What</th>
        <th scope="col" class="wide">From</th>
        <th scope="col" class="number wide">Fee</th>
      </tr>
    </thead>
    <tbody>
      ${transactions.map(
        (transaction) => html`<tr>
          <td>${transactionLink(transaction.id)}</td>
          <td>${summary(transaction)}</td>
          <td class="wide">${transaction.body.kind === "coinbase" ? nothing : accountLink(transaction.sender)}</td>
          <td class="number wide">${format.count(transaction.fee)}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/**
 * Names and values, one pair a line.
 * @param {readonly (readonly [string, unknown])[]} pairs
 */
export function facts(pairs) {
  return html`<dl class="facts">
    ${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/**
 * What came of what a form asked, read out when it appears.
 * @param {{ readonly isBad: boolean, readonly text: unknown } | null} outcome
 */
export function outcomeText(outcome) {
  return html`<div role="status">${outcome === null ? nothing : html`<p class=${outcome.isBad ? "notice bad" : "notice good"}>${outcome.text}</p>`}</div>`;
}
