import { invariant } from "../../node/core/support/invariant.ts";
import type { NodeRange } from "../scenario/node-set.ts";
import { type Branch, layOut, type PictureBlock } from "./block-tree-layout.ts";

/** Something of the timeline, as faults.csv has it. */
export interface PictureFault {
  readonly word: string;
  readonly description: string;
  readonly appliedMs: number;
  /** Of a partition: the nodes of each side; empty for everything else. */
  readonly sides: readonly (readonly NodeRange[])[];
}

/** A run as its folder tells it. */
export interface PictureRun {
  /** One line, such as `partition, seed 42, sim`. */
  readonly title: string;
  readonly endMs: number;
  readonly blocks: readonly PictureBlock[];
  /** In the order of time. */
  readonly faults: readonly PictureFault[];
}

/** More could not be told apart at the width of a page. */
export const PICTURE_BLOCKS_MAX = 400;

const WIDTH = 960;
const MARGIN_LEFT = 24;
const MARGIN_RIGHT = 16;
/** Of the title with the legend, then of the names of faults. */
const HEAD = 58;
const LANE = 30;
/** Of the time axis. */
const FOOT = 46;
const BLOCK = { width: 7, height: 13 };
/** Branches of so many blocks are named; shorter ones are the forks of every healthy run. */
const NAMED_BLOCKS_MIN = 3;
/** Ticks of the axis, ms: the first that leaves a dozen at most. */
const TICKS_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 3_600_000];
const TICK_COUNT_MAX = 12;

/** Colours that hold on light and on dark pages; what differs between them follows the reader's. */
const STYLE = `
  text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #424a53; }
  .title { font-weight: 600; font-size: 13px; }
  .final { fill: #0969da; stroke: #fff; } .stale { fill: #fff; stroke: #bc4c00; stroke-width: 1.5; }
  .link.final { fill: none; stroke: #0969da; stroke-width: 2; } .link.stale { fill: none; stroke-width: 1.2; }
  .wait { stroke: #bc4c00; stroke-width: 1.2; stroke-dasharray: 2 4; }
  .zone { fill: #bc4c00; fill-opacity: 0.09; } .fault { stroke: #bc4c00; stroke-dasharray: 5 3; } .axis { stroke: #8c959f; }
  .name.final { fill: #0969da; stroke: none; } .name.stale { fill: #bc4c00; stroke: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #b1bac4; }
    .final { fill: #58a6ff; stroke: #0d1117; } .stale { fill: #0d1117; stroke: #f0883e; }
    .link.final { stroke: #58a6ff; } .link.stale, .wait, .fault { stroke: #f0883e; }
    .zone { fill: #f0883e; fill-opacity: 0.13; } .axis { stroke: #6e7681; }
    .name.final { fill: #58a6ff; } .name.stale { fill: #f0883e; }
  }`;

/**
 * The tree of all blocks of a run over time, as an SVG: the final chain in one line, stale branches beside it, faults where they took
 * effect. The same run gives the same bytes.
 */
export function drawBlockTree(run: PictureRun): string {
  const pxPerMs = (WIDTH - MARGIN_LEFT - MARGIN_RIGHT) / Math.max(1, run.endMs);
  const branches = layOut(run.blocks, (2 * BLOCK.width) / pxPerMs);
  const finalChain = branches[0];
  invariant(finalChain !== undefined, "a layout without the final chain");
  const lanes = branches.map((branch) => branch.lane);
  const top = Math.min(...lanes);
  const scale: Scale = {
    x: (ms) => round(MARGIN_LEFT + ms * pxPerMs),
    y: (lane) => HEAD + (lane - top + 1) * LANE,
    bottom: HEAD + (Math.max(...lanes) - top + 2) * LANE,
  };
  const height = scale.bottom + FOOT;
  const zones = zonesOf(run);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escapeXml(`Block tree of ${run.title}`)}</title>`,
    `<style>${STYLE}\n</style>`,
    ...head(run),
    ...zones.flatMap((zone) => drawZone(zone, scale)),
    ...run.faults.flatMap((fault) => drawFault(fault, scale)),
    ...branches.flatMap((branch) => drawWait(branch, zones, scale)),
    ...branches.flatMap((branch) => drawLinks(branch, branches, scale)),
    ...branches.flatMap((branch) => drawBlocks(branch, scale)),
    ...branches.flatMap((branch) => drawName(branch, zones, scale)),
    ...zones.flatMap((zone) => nameWinners(zone, finalChain, scale)),
    ...drawAxis(run.endMs, scale),
    "</svg>",
    "",
  ].join("\n");
}

interface Scale {
  readonly x: (ms: number) => number;
  readonly y: (lane: number) => number;
  readonly bottom: number;
}

/** While links were cut. */
interface Zone {
  readonly fromMs: number;
  readonly toMs: number;
  readonly sides: PictureFault["sides"];
}

/** From each cut to the next heal, or to the end of the run. */
function zonesOf({ faults, endMs }: PictureRun): Zone[] {
  const zones: Zone[] = [];
  let cut: PictureFault | null = null;
  for (const fault of faults) {
    if (fault.word === "partition") cut ??= fault;
    if (fault.word !== "heal" || cut === null) continue;
    zones.push({ fromMs: cut.appliedMs, toMs: fault.appliedMs, sides: cut.sides });
    cut = null;
  }
  if (cut !== null) zones.push({ fromMs: cut.appliedMs, toMs: endMs, sides: cut.sides });
  return zones;
}

function head({ title, blocks }: PictureRun): string[] {
  const finalCount = blocks.filter((block) => block.isFinal).length;
  const y = 22;
  const legend = WIDTH - MARGIN_RIGHT;
  const stale = `stale: ${blocks.length - finalCount} blocks`;
  const winning = `final chain: ${finalCount} blocks`;
  return [
    text(MARGIN_LEFT - 8, y, title, "title"),
    mark(legend - 270, y - 4, "final"),
    text(legend - 262, y, winning),
    mark(legend - 116, y - 4, "stale"),
    text(legend - 108, y, stale),
  ];
}

function drawZone({ fromMs, toMs }: Zone, { x, bottom }: Scale): string[] {
  const width = round(x(toMs) - x(fromMs));
  return [`<rect class="zone" x="${x(fromMs)}" y="${HEAD}" width="${width}" height="${bottom - HEAD}"/>`];
}

function drawFault({ description, appliedMs }: PictureFault, { x, bottom }: Scale): string[] {
  const at = x(appliedMs);
  return [
    `<line class="fault" x1="${at}" y1="${HEAD - 4}" x2="${at}" y2="${bottom}"/>`,
    text(at - 3, HEAD - 10, description),
  ];
}

/** While links are cut, the end of a branch is what its miners go on holding. */
function drawWait({ lane, blocks }: Branch, zones: readonly Zone[], { x, y }: Scale): string[] {
  const last = blocks.at(-1);
  const zone = isNamed(lane, blocks) ? zones.find((each) => isIn(each, last)) : undefined;
  if (last === undefined || zone === undefined) return [];
  return [
    `<line class="wait" x1="${x(last.minedMs)}" y1="${y(lane)}" x2="${x(zone.toMs)}" y2="${y(lane)}"/>`,
  ];
}

function drawLinks({ lane, blocks, parent }: Branch, branches: readonly Branch[], scale: Scale): string[] {
  const first = blocks[0];
  if (first === undefined) return [];
  const kind = lane === 0 ? "final" : "stale";
  const { x, y } = scale;
  const ends = blocks.map((block) => x(block.minedMs));
  const startLane = parent === null ? 0 : laneOf(parent, branches);
  const startX = x(parent?.minedMs ?? 0);
  const firstX = x(first.minedMs);
  const lead =
    startLane === lane
      ? `M${startX} ${y(lane)}`
      : `M${startX} ${y(startLane)}C${firstX} ${y(startLane)} ${startX} ${y(lane)} ${firstX} ${y(lane)}`;
  return [`<path class="link ${kind}" d="${lead}H${ends.at(-1)}"/>`];
}

function laneOf(block: PictureBlock, branches: readonly Branch[]): number {
  return branches.find((branch) => branch.blocks.includes(block))?.lane ?? 0;
}

function drawBlocks({ lane, blocks }: Branch, { x, y }: Scale): string[] {
  const kind = lane === 0 ? "final" : "stale";
  return blocks.map(({ minedMs, height, miner }) =>
    mark(x(minedMs), y(lane), kind, `height ${height}, node ${miner}, ${(minedMs / 1_000).toFixed(3)} s`),
  );
}

/** Beside a long branch: who mined it. */
function drawName({ lane, blocks }: Branch, zones: readonly Zone[], { x, y }: Scale): string[] {
  const first = blocks[0];
  if (first === undefined || !isNamed(lane, blocks)) return [];
  const name = `${minersText(blocks, zones)}: ${blocks.length} blocks, given up`;
  return [text(x(first.minedMs), y(lane) + (lane > 0 ? 22 : -13), name, "name stale")];
}

/** At the top of a time in which links were cut: who went on with the final chain. */
function nameWinners(zone: Zone, finalChain: Branch, { x }: Scale): string[] {
  const blocks = finalChain.blocks.filter((block) => isIn(zone, block));
  if (blocks.length === 0) return [];
  const name = `${minersText(blocks, [zone])}: ${blocks.length} blocks, kept`;
  return [text(x(zone.fromMs) + 8, HEAD + 16, name, "name final")];
}

function isNamed(lane: number, blocks: readonly PictureBlock[]): boolean {
  return lane !== 0 && blocks.length >= NAMED_BLOCKS_MIN;
}

function isIn({ fromMs, toMs }: Zone, block: PictureBlock | undefined): boolean {
  return block !== undefined && fromMs <= block.minedMs && block.minedMs < toMs;
}

/** The side of a partition that mined all of these blocks, or else their miners: "nodes 0–5, 7". */
function minersText(blocks: readonly PictureBlock[], zones: readonly Zone[]): string {
  const miners = [...new Set(blocks.map((block) => block.miner))].sort((a, b) => a - b);
  const side = zones
    .flatMap(({ sides }) => sides)
    .find((ranges) =>
      miners.every((miner) => ranges.some(({ first, last }) => first <= miner && miner <= last)),
    );
  const ranges = side ?? rangesOf(miners);
  const list = ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
  return ranges.length === 1 && ranges[0]?.first === ranges[0]?.last ? `node ${list}` : `nodes ${list}`;
}

function rangesOf(nodes: readonly number[]): NodeRange[] {
  const ranges: { first: number; last: number }[] = [];
  for (const node of nodes) {
    const range = ranges.at(-1);
    if (range?.last === node - 1) range.last = node;
    else ranges.push({ first: node, last: node });
  }
  return ranges;
}

function drawAxis(endMs: number, { x, bottom }: Scale): string[] {
  const stepMs = TICKS_MS.find((step) => endMs / step <= TICK_COUNT_MAX) ?? endMs;
  const ticks = Array.from({ length: Math.floor(endMs / stepMs) + 1 }, (_, index) => index * stepMs);
  return [
    `<path class="axis" fill="none" d="M${x(0)} ${bottom}H${x(endMs)}${ticks.map((ms) => `M${x(ms)} ${bottom}v5`).join("")}"/>`,
    ...ticks.map((ms) => text(x(ms), bottom + 19, `${ms / 1_000}`, "", "middle")),
    text(x(endMs), bottom + 38, "time since the start of the run, s", "", "end"),
  ];
}

function mark(x: number, y: number, kind: "final" | "stale", title?: string): string {
  const { width, height } = BLOCK;
  const open = `<rect class="${kind}" x="${round(x - width / 2)}" y="${y - height / 2}" width="${width}" height="${height}" rx="1.5"`;
  return title === undefined ? `${open}/>` : `${open}><title>${escapeXml(title)}</title></rect>`;
}

function text(x: number, y: number, content: string, kind = "", anchor = "start"): string {
  const attributes = `${kind === "" ? "" : ` class="${kind}"`}${anchor === "start" ? "" : ` text-anchor="${anchor}"`}`;
  return `<text x="${x}" y="${y}"${attributes}>${escapeXml(content)}</text>`;
}

/** A tenth of a pixel is finer than any screen. */
function round(px: number): number {
  return Math.round(px * 10) / 10;
}

function escapeXml(content: string): string {
  return content
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
