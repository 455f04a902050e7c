import { html, nothing, svg } from "/web/lit/lit-html.js";
import { lanesOf } from "../chain/tree-layout.js";
import * as format from "../shell/format.js";

/** @import { Tree, TreeBlock } from "../types.js" */
/** @import { TipGroup } from "../chain/tip-groups.js" */

const STEP = 34;
const LANE = 46;
const SIZE = 18;
const MARGIN = { left: 30, right: 150, top: 44, bottom: 40 };
/** Heights between two numbers of the axis. */
const AXIS_STEP = 5;
/** Names of nodes beside a tip; more are counted. */
const NAMES_MAX = 3;

/**
 * @typedef {object} Scale
 * @property {(height: number) => number} x
 * @property {(lane: number) => number} y
 * @property {number} width
 * @property {number} height
 */

/**
 * The tree as a picture: heights from left to right, the best chain in one line. Every block is a link; one is a stop of the tab key, and arrows lead from it to the others.
 * @param {Tree} tree
 * @param {readonly TipGroup[]} groups
 * @param {string} minerHere
 */
export function treePicture(tree, groups, minerHere) {
  const { blocks, from } = tree;
  const laneOf = lanesOf(blocks);
  const ghosts = groups.filter(({ isKnown, height }) => !isKnown && height >= from);
  const outermost = Math.max(0, ...laneOf.values());
  const lanes = [...laneOf.values(), 0, ...ghosts.map((_, index) => outermost + 1 + index)];
  const [top, bottom] = [Math.min(...lanes), Math.max(...lanes)];
  const last = Math.max(
    tree.height,
    ...blocks.map(({ height }) => height),
    ...ghosts.map(({ height }) => height),
  );
  /** @type {Scale} */
  const scale = {
    x: (height) => MARGIN.left + (height - from) * STEP,
    y: (lane) => MARGIN.top + (lane - top) * LANE,
    width: MARGIN.left + (last - from) * STEP + MARGIN.right,
    height: MARGIN.top + (bottom - top) * LANE + MARGIN.bottom,
  };
  const byHash = new Map(blocks.map((block) => [block.hash, block]));
  const label = `Block tree from height ${from} to ${last}. Arrow keys go from block to block.`;
  return html`<svg class="tree" role="group" aria-label=${label} width=${scale.width} height=${scale.height} @keydown=${walk}>
    ${axis(from, last, scale)}
    ${blocks.map((block) => edge(block, byHash, laneOf, scale))}
    ${ghosts.map((group, index) => ghost(group, outermost + 1 + index, scale))}
    ${blocks.map((block) => blockMark(block, tree, laneOf, scale, minerHere))}
    ${groups.filter(({ isKnown }) => isKnown).map((group) => tipLabel(group, byHash, laneOf, scale))}
  </svg>`;
}

/**
 * @param {TreeBlock} block
 * @param {ReadonlyMap<string, TreeBlock>} byHash
 * @param {ReadonlyMap<string, number>} laneOf
 * @param {Scale} scale
 */
function edge(block, byHash, laneOf, { x, y }) {
  const parent = byHash.get(block.parentHash);
  const lane = laneOf.get(block.hash) ?? 0;
  const [x1, x2] = [x(block.height - 1), x(block.height)];
  // A parent below the picture: the line comes from the left edge.
  const [y1, y2] = [y(parent === undefined ? lane : (laneOf.get(parent.hash) ?? 0)), y(lane)];
  if (parent === undefined && block.height === 0) return nothing;
  const middle = (x1 + x2) / 2;
  return svg`<path class="edge ${kindOf(block)}" d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"/>`;
}

/**
 * @param {TreeBlock} block
 * @param {Tree} tree
 * @param {ReadonlyMap<string, number>} laneOf
 * @param {Scale} scale
 * @param {string} minerHere
 */
function blockMark(block, tree, laneOf, { x, y }, minerHere) {
  const { hash, height, miner, timeMs } = block;
  const isTip = hash === tree.tip;
  const isOwn = miner === minerHere;
  const [cx, cy] = [x(height), y(laneOf.get(hash) ?? 0)];
  const words = [
    `height ${height}`,
    isTip ? "tip" : block.isBest ? "best chain" : "stale",
    isOwn ? "mined here" : `miner ${format.short(miner)}`,
    format.time(timeMs),
  ];
  return svg`<a href="#/blocks/${hash}" tabindex=${isTip ? 0 : -1} aria-label=${words.join(", ")}
      data-hash=${hash} data-height=${height} data-lane=${laneOf.get(hash) ?? 0} class="mark ${kindOf(block)} ${isTip ? "tip" : ""}">
    <title>${words.join(", ")}</title>
    <rect x=${cx - SIZE / 2} y=${cy - SIZE / 2} width=${SIZE} height=${SIZE} rx="4"/>
    ${isOwn && height > 0 ? svg`<circle class="own" cx=${cx} cy=${cy} r="3.5"/>` : nothing}
  </a>`;
}

/** @param {TreeBlock} block */
function kindOf({ isBest }) {
  return isBest ? "best" : "stale";
}

/**
 * A tip that peers tell of and this node does not hold: another branch, or blocks on their way.
 * @param {TipGroup} group
 * @param {number} lane
 * @param {Scale} scale
 */
function ghost(group, lane, { x, y }) {
  const [cx, cy] = [x(group.height), y(lane)];
  return svg`<g class="ghost">
    <title>height ${group.height}, ${group.relation}: ${group.names.join(", ")}</title>
    <path d="M${cx - 3 * STEP} ${cy}H${cx - SIZE / 2}"/>
    <rect x=${cx - SIZE / 2} y=${cy - SIZE / 2} width=${SIZE} height=${SIZE} rx="4"/>
    ${names(group, cx, cy)}
  </g>`;
}

/**
 * @param {TipGroup} group
 * @param {ReadonlyMap<string, TreeBlock>} byHash
 * @param {ReadonlyMap<string, number>} laneOf
 * @param {Scale} scale
 */
function tipLabel(group, byHash, laneOf, { x, y }) {
  const block = byHash.get(group.hash);
  return block === undefined ? nothing : names(group, x(block.height), y(laneOf.get(block.hash) ?? 0));
}

/**
 * @param {TipGroup} group
 * @param {number} cx
 * @param {number} cy
 */
function names({ colour, letter, names: all }, cx, cy) {
  const rest = all.length - NAMES_MAX;
  const text = rest > 0 ? `${all.slice(0, NAMES_MAX).join(", ")} and ${rest} more` : all.join(", ");
  return svg`<g class="names"><circle class="tip-${colour}" cx=${cx + SIZE} cy=${cy - SIZE - 2} r="8"/>
    <text class="letter" x=${cx + SIZE} y=${cy - SIZE + 2} text-anchor="middle">${letter}</text>
    <text x=${cx + SIZE + 12} y=${cy - SIZE + 2}>${text}</text></g>`;
}

/**
 * @param {number} from
 * @param {number} last
 * @param {Scale} scale
 */
function axis(from, last, { x, height }) {
  const first = Math.ceil(from / AXIS_STEP) * AXIS_STEP;
  const marks = Array.from(
    { length: Math.floor((last - first) / AXIS_STEP) + 1 },
    (_, index) => first + index * AXIS_STEP,
  );
  return svg`<g class="axis" aria-hidden="true">${marks.map((each) => svg`<text x=${x(each)} y=${height - 10} text-anchor="middle">${each}</text>`)}</g>`;
}

/** @param {KeyboardEvent} event Arrows: one block along the chain, or to the block beside it. */
function walk(event) {
  const at = event.target;
  if (!(at instanceof SVGAElement) || !(event.currentTarget instanceof SVGSVGElement)) return;
  const marks = [...event.currentTarget.querySelectorAll("a")];
  const [height, lane] = [Number(at.dataset.height), Number(at.dataset.lane)];
  const [steps, lanes] = WAYS[event.key] ?? [0, 0];
  if (steps === 0 && lanes === 0) return;
  event.preventDefault();
  const next = marks
    .filter(({ dataset }) =>
      steps !== 0
        ? Number(dataset.height) === height + steps
        : Number(dataset.height) === height && Math.sign(Number(dataset.lane) - lane) === lanes,
    )
    .sort((a, b) => Math.abs(Number(a.dataset.lane) - lane) - Math.abs(Number(b.dataset.lane) - lane))[0];
  if (next === undefined) return;
  for (const mark of marks) mark.setAttribute("tabindex", mark === next ? "0" : "-1");
  next.focus();
}

/** @type {Readonly<Record<string, readonly [number, number]>>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
