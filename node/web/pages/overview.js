import { html, nothing } from "/web/lit/lit-html.js";
import { ask } from "../shell/api.js";
import * as format from "../shell/format.js";
import { blockLink, blockTable, transactionTable } from "./parts.js";

/** @import { HeaderPage, Mempool, Page, PageContext, Sample, Status } from "../types.js" */

const BLOCK_COUNT = 10;
const WAITING_COUNT = 10;

/**
 * What the node is doing, at this moment.
 * @param {PageContext} context
 * @returns {Page}
 */
export function open({ update }) {
  /** @type {Status} */
  let status;
  /** @type {HeaderPage} */
  let newest;
  /** @type {Mempool} */
  let mempool;
  /** @type {Sample | null} */
  let sample = null;
  return {
    title: "Overview",
    reloadOn: ["tip-changed", "transaction-accepted"],
    async load() {
      [status, newest, mempool] = await Promise.all([
        ask("/status"),
        ask(`/headers?limit=${BLOCK_COUNT}`),
        ask(`/mempool?limit=${WAITING_COUNT}`),
      ]);
    },
    hear(event) {
      if (event.type !== "node-sampled" || status === undefined) return;
      sample = event.data;
      update();
    },
    render: () => html`
      <h1 tabindex="-1">${status.name}</h1>
      ${status.notReady.length === 0 ? nothing : html`<p class="notice">Not in sync: ${status.notReady.map(({ text }) => text).join("; ")}</p>`}
      ${figures(status, sample)}
      ${blockTable("Newest blocks", newest.headers.toReversed(), status.minerAccount)}
      <p><a href="#/blocks">All blocks</a> · <a href="#/tree">Watch the tree grow</a></p>
      ${
        mempool.count === 0
          ? html`<p class="muted">No transaction waits for a block.</p>`
          : transactionTable(waitingText(mempool), mempool.transactions)
      }
    `,
  };
}

/** @param {Mempool} mempool */
function waitingText({ count, transactions }) {
  const rest = count - transactions.length;
  return `Waiting for a block${rest > 0 ? `, the first ${transactions.length} of ${format.count(count)}` : ""}`;
}

/**
 * @param {Status} status
 * @param {Sample | null} sample Newer, where it says the same.
 */
function figures(status, sample) {
  const { mining, mempool, peers } = status;
  const achieved = sample?.hashesPerSecAchieved ?? mining.hashesPerSecAchieved;
  const rate = mining.mode === "off" ? "off" : format.hashRate(achieved);
  const asked = sample?.hashesPerSecAsked ?? mining.hashesPerSecAsked;
  return html`<dl class="figures">
    ${figure("Height", format.count(status.height), html`tip ${blockLink(status.tip)}`)}
    ${figure("Peers", format.count(sample?.peerCount ?? peers.up), html`of ${peers.count} known; <a href="#/network">see them</a>`)}
    ${figure("Hash rate", rate, mining.mode === "off" ? "this node does not mine" : `asked for ${format.hashRate(asked)}, ${modeText(mining.mode)}`)}
    ${figure("Mempool", format.count(sample?.mempoolCount ?? mempool.count), `waiting, ${format.bytes(sample?.mempoolBytes ?? mempool.bytes)}`)}
    ${figure("Coins issued", format.count(status.coins), `chain “${status.chain.name}”, ${status.chain.seal === "hash" ? "hashed" : "drawn"}`)}
    ${figure("Running for", format.duration(status.uptimeSec), `version ${status.version}`)}
  </dl>`;
}

/** @param {Status["mining"]["mode"]} mode */
function modeText(mode) {
  return mode === "demand" ? "on demand" : "all the time";
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {unknown} more
 */
function figure(name, value, more) {
  return html`<div><dt>${name}</dt><dd><b>${value}</b><span class="muted">${more}</span></dd></div>`;
}
