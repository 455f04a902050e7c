import { html } from "/web/lit/lit-html.js";
import { tipGroups } from "../chain/tip-groups.js";
import { forksOf } from "../chain/tree-layout.js";
import { ask } from "../shell/api.js";
import * as format from "../shell/format.js";
import { blockLink, minerOf, timeOf } from "./parts.js";
import { treePicture } from "./tree-picture.js";

/** @import { LiveEvent, Page, PageContext, Peers, Status, Tree } from "../types.js" */
/** @import { TipGroup } from "../chain/tip-groups.js" */

const HEIGHTS = [30, 60, 120, 300];
const HEIGHT_COUNT_DEFAULT = 60;

/** Changes of tip that are told below the picture. */
const CHANGES_MAX = 8;

/** Peers tell their tips every two seconds, and no event says so. */
const RELOAD_MS = 2_000;

/** From the right edge, px: whoever has scrolled away from the tip is left there. */
const AT_END_PX = 80;

/**
 * The block tree as it grows.
 * @param {PageContext} context
 * @returns {Page}
 */
export function open({ query }) {
  const wanted = Number(query.get("heights"));
  const heightCount = HEIGHTS.includes(wanted) ? wanted : HEIGHT_COUNT_DEFAULT;
  /** @type {Tree} */
  let tree;
  /** @type {readonly TipGroup[]} */
  let groups = [];
  let minerHere = "";
  /** @type {{ at: number, event: Extract<LiveEvent, { type: "tip-changed" }>["data"] }[]} */
  let changes = [];
  return {
    title: "Block tree",
    reloadOn: ["tip-changed", "block-mined", "block-received"],
    reloadEveryMs: RELOAD_MS,
    async load() {
      /** @type {[Tree, Peers, Status]} */
      const [newest, { peers }, status] = await Promise.all([
        ask(`/tree?heights=${heightCount}`),
        ask("/peers"),
        ask("/status"),
      ]);
      tree = newest;
      groups = tipGroups({ name: status.name, tip: newest.tip, height: newest.height }, peers, newest.blocks);
      minerHere = status.minerAccount;
      stayAtEnd();
    },
    hear(event) {
      if (event.type !== "tip-changed" || event.data.disconnected === 0) return;
      changes = [{ at: Date.now(), event: event.data }, ...changes].slice(0, CHANGES_MAX);
    },
    render: () => html`
      <h1 tabindex="-1">Block tree</h1>
      <p class="key">
        <span><i class="sample best"></i> best chain</span>
        <span><i class="sample stale"></i> stale</span>
        <span><i class="sample ghost"></i> told by a peer, not here</span>
        <span><i class="sample own"></i> mined by this node</span>
      </p>
      <div class="scroll" id="tree-scroll" role="region" aria-label="Picture of the block tree, scrolls sideways" tabindex="0">
        ${treePicture(tree, groups, minerHere)}
      </div>
      <nav class="pager" aria-label="How much of the tree">
        ${HEIGHTS.map((heights) => html`<a href="#/tree?heights=${heights}" aria-current=${heights === heightCount ? "true" : "false"}>${heights} heights</a>`)}
      </nav>
      ${changeList(changes)}
      ${forkTable(tree)}
    `,
  };
}

/** The picture keeps its end in sight while it grows, unless somebody scrolled back. */
function stayAtEnd() {
  const scroll = document.getElementById("tree-scroll");
  const isAtEnd = scroll === null || scroll.scrollLeft + scroll.clientWidth > scroll.scrollWidth - AT_END_PX;
  if (isAtEnd)
    requestAnimationFrame(() => {
      const drawn = document.getElementById("tree-scroll");
      if (drawn !== null) drawn.scrollLeft = drawn.scrollWidth;
    });
}

/** @param {readonly { at: number, event: { disconnected: number, connected: number, height: number, hash: string } }[]} changes */
function changeList(changes) {
  if (changes.length === 0) return html`<p class="muted">No reorganisation since this page was opened.</p>`;
  return html`<h2>Reorganisations since this page was opened</h2>
    <ul class="plain">
      ${changes.map(({ at, event }) => html`<li>${timeOf(at)}: ${format.counted(event.disconnected, "block")} gave way to ${event.connected}; the tip is ${blockLink(event.hash)} at height ${format.count(event.height)}.</li>`)}
    </ul>`;
}

/** @param {Tree} tree */
function forkTable({ blocks }) {
  const forks = forksOf(blocks);
  if (forks.length === 0) return html`<p class="muted">No forks at these heights.</p>`;
  return html`<table>
    <caption>Forks at these heights, the highest first</caption>
    <thead>
      <tr>
        <th scope="col" class="number">Height</th>
        <th scope="col">Block</th>
        <th scope="col">State</th>
        <th scope="col" class="wide">Miner</th>
        <th scope="col" class="wide">Time</th>
      </tr>
    </thead>
    <tbody>
      ${forks.flatMap(({ height, blocks: beside }) =>
        beside.map(
          (block) => html`<tr>
            <td class="number">${format.count(height)}</td>
            <td>${blockLink(block.hash)}</td>
            <td>${block.isBest ? html`<span class="mark good">best chain</span>` : html`<span class="mark stale">stale</span>`}</td>
            <td class="wide">${minerOf(block)}</td>
            <td class="wide">${timeOf(block.timeMs)}</td>
          </tr>`,
        ),
      )}
    </tbody>
  </table>`;
}
