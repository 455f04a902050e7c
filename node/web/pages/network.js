import { html, nothing, svg } from "/web/lit/lit-html.js";
import { tipGroups } from "../chain/tip-groups.js";
import { ask, tell } from "../shell/api.js";
import * as format from "../shell/format.js";
import { blockLink, outcomeText, timeOf } from "./parts.js";

/** @import { Page, PageContext, Peer, Peers, Status, Tree } from "../types.js" */
/** @import { TipGroup } from "../chain/tip-groups.js" */

/** Peers tell their tips every two seconds. */
const RELOAD_MS = 2_000;

/** Peers that the picture shows; the table has them all. */
const DRAWN_MAX = 24;

const SIZE = { width: 640, height: 400, node: 20 };

/**
 * This node and its peers, coloured by where their chains end.
 * @param {PageContext} context
 * @returns {Page}
 */
export function open({ update, reload }) {
  /** @type {Status} */
  let status;
  /** @type {Peers} */
  let known;
  /** @type {readonly TipGroup[]} */
  let groups = [];
  /** @type {{ isBad: boolean, text: unknown } | null} */
  let outcome = null;

  /** @param {SubmitEvent} event */
  async function add(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const url = String(new FormData(form).get("url")).trim();
    try {
      /** @type {Peer} */
      const peer = await tell("/peers", { url: url.includes("://") ? url : `http://${url}` });
      outcome = peer.up
        ? { isBad: false, text: `Linked with ${peer.name}.` }
        : { isBad: true, text: `${peer.url} is known now, and does not answer: ${peer.lastFailure}.` };
      form.reset();
      reload();
    } catch (error) {
      outcome = { isBad: true, text: error instanceof Error ? error.message : String(error) };
    }
    update();
  }

  return {
    title: "Network",
    reloadOn: ["tip-changed"],
    reloadEveryMs: RELOAD_MS,
    async load() {
      /** @type {Tree} */
      let tree;
      [status, known, tree] = await Promise.all([ask("/status"), ask("/peers"), ask("/tree?heights=120")]);
      groups = tipGroups({ name: status.name, tip: tree.tip, height: tree.height }, known.peers, tree.blocks);
    },
    render: () => html`
      <h1 tabindex="-1">Network</h1>
      <p>${agreement(groups)}</p>
      ${map(status.name, known.peers, groups)}
      ${tipTable(groups)}
      ${peerTable(known.peers, groups)}
      <form class="line" @submit=${add}>
        <label for="peer-url">Link with a node at</label>
        <input id="peer-url" name="url" required placeholder="http://127.0.0.1:4001" autocomplete="off" spellcheck="false" />
        <button>Link</button>
      </form>
      ${outcomeText(outcome)}
      ${banTable(known.bans)}
    `,
  };
}

/** @param {readonly TipGroup[]} groups */
function agreement(groups) {
  const nodes = groups.reduce((sum, { names }) => sum + names.length, 0);
  if (nodes === 1) return "No peer has told its tip yet.";
  if (groups.length === 1) return `All ${nodes} nodes that this one hears of have the same tip.`;
  return `${nodes} nodes have ${groups.length} different tips.`;
}

/**
 * @param {string} name
 * @param {readonly Peer[]} peers
 * @param {readonly TipGroup[]} groups
 */
function map(name, peers, groups) {
  const drawn = peers.toSorted((a, b) => Number(b.up) - Number(a.up)).slice(0, DRAWN_MAX);
  const center = { x: SIZE.width / 2, y: SIZE.height / 2 };
  const places = drawn.map((peer, index) => {
    const angle = (2 * Math.PI * index) / drawn.length - Math.PI / 2;
    return { peer, x: center.x + 230 * Math.cos(angle), y: center.y + 140 * Math.sin(angle) };
  });
  // As high as what is drawn, with room for a mark above and a name below.
  const ys = [center.y, ...places.map(({ y }) => y)];
  const [top, bottom] = [Math.min(...ys) - 40, Math.max(...ys) + 60];
  const label = `${name} in the middle, ${format.counted(drawn.length, "peer")} around it; the table below says the same.`;
  return html`<svg class="map" role="img" aria-label=${label} viewBox="0 ${top} ${SIZE.width} ${bottom - top}">
    ${places.map(({ peer, x, y }) => svg`<line class=${peer.up ? "up" : "down"} x1=${center.x} y1=${center.y} x2=${x} y2=${y}/>`)}
    ${places.map(({ peer, x, y }) => nodeMark(peer.name ?? peer.url, peer.up ? groupOf(peer.tip?.hash, groups) : null, x, y, false))}
    ${nodeMark(name, groups[0] ?? null, center.x, center.y, true)}
  </svg>`;
}

/**
 * @param {string | undefined} hash
 * @param {readonly TipGroup[]} groups
 */
function groupOf(hash, groups) {
  return groups.find((group) => group.hash === hash) ?? null;
}

/**
 * @param {string} name
 * @param {TipGroup | null} group
 * @param {number} x
 * @param {number} y
 * @param {boolean} isHere
 */
function nodeMark(name, group, x, y, isHere) {
  return svg`<g class="node ${isHere ? "here" : ""}">
    <circle class=${group === null ? "tip-none" : `tip-${group.colour}`} cx=${x} cy=${y} r=${isHere ? SIZE.node + 4 : SIZE.node}/>
    <text class="letter" x=${x} y=${y + 5} text-anchor="middle">${group === null ? "?" : group.letter}</text>
    <text class="name" x=${x} y=${y + SIZE.node + (isHere ? 22 : 18)} text-anchor="middle">${name.length > 22 ? `${name.slice(0, 21)}…` : name}</text>
  </g>`;
}

/** @param {TipGroup} group */
function badge({ colour, letter }) {
  return html`<span class="badge tip-${colour}">${letter}</span>`;
}

/** @param {readonly TipGroup[]} groups */
function tipTable(groups) {
  return html`<table>
    <caption>Tips</caption>
    <thead>
      <tr>
        <th scope="col">Tip</th>
        <th scope="col" class="number">Height</th>
        <th scope="col">Block</th>
        <th scope="col">Nodes</th>
        <th scope="col" class="wide">How it stands</th>
      </tr>
    </thead>
    <tbody>
      ${groups.map(
        (group) => html`<tr>
          <th scope="row">${badge(group)}</th>
          <td class="number">${format.count(group.height)}</td>
          <td>${group.isKnown ? blockLink(group.hash) : html`<span class="hash" title=${group.hash}>${format.short(group.hash)}</span>`}</td>
          <td>${group.names.join(", ")}</td>
          <td class="wide">${group.relation}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/**
 * @param {readonly Peer[]} peers
 * @param {readonly TipGroup[]} groups
 */
function peerTable(peers, groups) {
  if (peers.length === 0) return html`<p class="muted">This node knows no peers.</p>`;
  return html`<table>
    <caption>Peers</caption>
    <thead>
      <tr>
        <th scope="col">Peer</th>
        <th scope="col">Address</th>
        <th scope="col">Link</th>
        <th scope="col">Tip</th>
        <th scope="col" class="number wide">Sent to it</th>
      </tr>
    </thead>
    <tbody>
      ${peers.map((peer) => {
        const group = groupOf(peer.tip?.hash, groups);
        return html`<tr>
          <th scope="row">${peer.name ?? "unknown"}</th>
          <td><a href=${peer.url} rel="noreferrer">${peer.url.replace(/^https?:\/\//, "")}</a></td>
          <td>${peer.up ? html`<span class="mark good">up</span>` : html`<span class="mark bad">down</span> <span class="muted">${peer.lastFailure ?? ""}</span>`}</td>
          <td>${group === null ? "not told" : html`${badge(group)} ${format.count(group.height)}`}</td>
          <td class="number wide">${format.count(peer.sentMessages)}, ${format.bytes(peer.sentBytes)}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** @param {Peers["bans"]} bans */
function banTable(bans) {
  if (bans.length === 0) return nothing;
  return html`<table>
    <caption>Peers that broke a rule since the node was started</caption>
    <thead><tr><th scope="col">Peer</th><th scope="col">Rule</th><th scope="col">Until</th><th scope="col" class="number">Times</th></tr></thead>
    <tbody>
      ${bans.map(
        (ban) => html`<tr>
          <th scope="row">${ban.name}</th>
          <td>${ban.reason}</td>
          <td>${timeOf(ban.untilMs)}</td>
          <td class="number">${ban.count}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}
