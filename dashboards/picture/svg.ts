/** Pieces of SVG text. */

/** Light, like a printed page; one font at one size, so that widths can be foretold. */
export const STYLE = `
  text { font: 11px "DejaVu Sans", "Segoe UI", system-ui, sans-serif; fill: #424a53; }
  .page { fill: #f6f8fa; } .panel { fill: #fff; stroke: #d0d7de; }
  .head { font-size: 20px; font-weight: 600; fill: #1f2328; } .row { font-size: 13px; font-weight: 600; fill: #1f2328; }
  .title { font-size: 12px; font-weight: 600; fill: #1f2328; } .small { font-size: 10px; fill: #656d76; }
  .grid { stroke: #eaeef2; fill: none; } .axis { stroke: #afb8c1; fill: none; } .line { fill: none; stroke-width: 1.4; stroke-linejoin: round; }
  .mark { stroke: #cf222e; stroke-dasharray: 4 3; } .marked { font-size: 10px; fill: #cf222e; stroke: #fff; stroke-width: 3; paint-order: stroke; }
  .limit { stroke-dasharray: 6 4; } .big { font-size: 26px; font-weight: 600; } .middling { font-size: 17px; font-weight: 600; }`;

/** A character of the font at 11 px, on the generous side, so that texts are cut rather than overlap. */
const CHARACTER_PX = 6.6;

export function textWidth(content: string, sizePx = 11): number {
  return content.length * CHARACTER_PX * (sizePx / 11);
}

/** The text as far as it fits, with an ellipsis where it does not. */
export function fitted(content: string, widthPx: number, sizePx = 11): string {
  const count = Math.floor(widthPx / (CHARACTER_PX * (sizePx / 11)));
  return content.length <= count ? content : `${content.slice(0, Math.max(0, count - 1))}…`;
}

export function text(
  x: number,
  y: number,
  content: string,
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  return `<text x="${px(x)}" y="${px(y)}"${attributesText(attributes)}>${escapeXml(content)}</text>`;
}

export function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  attributes: Readonly<Record<string, string | number>>,
): string {
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}"${attributesText(attributes)}/>`;
}

export function path(d: string, attributes: Readonly<Record<string, string | number>>): string {
  return `<path d="${d}"${attributesText(attributes)}/>`;
}

/** A tenth of a pixel is finer than any screen. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}

export function escapeXml(content: string): string {
  return content
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function attributesText(attributes: Readonly<Record<string, string | number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join("");
}
