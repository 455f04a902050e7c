import { html, nothing, render } from "/web/lit/lit-html.js";
import { ask } from "./api.js";
import { connection } from "./connection.js";
import { addressOf } from "./find.js";
import { count, counted } from "./format.js";
import { hearEvents } from "./live-events.js";
import { PageLife } from "./page-life.js";
import { pageModule, parseAddress } from "./router.js";

/** @import { LiveEvent, Status } from "../types.js" */

const main = part("main");
const notice = part("notice");
const live = part("live");
const news = part("news");

/** @type {PageLife | null} */
let life = null;
/** Counts up with each address, so that a page that comes late does not take the place of a later one. */
let visit = 0;
let nodeName = "Forklab";
/** Files of a page could not be had. A browser may remember that of a module for as long as the document lives. */
let isIncomplete = false;

/** @param {string} id */
function part(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the document has no ${id}`);
  return element;
}

/** @param {string} text Read out, and not shown. */
function say(text) {
  news.textContent = text;
}

/** @param {boolean} isFirst Whoever has just come is left at the top. */
async function open(isFirst) {
  const { name, params, query } = parseAddress(location.hash);
  visit += 1;
  const own = visit;
  main.setAttribute("aria-busy", "true");
  const module = await pageModule(name, params).catch(() => undefined);
  if (own !== visit) return;
  if (module === undefined) {
    isIncomplete = true;
    return connection.doubt();
  }
  const root = document.createElement("div");
  const next = module === null ? null : new PageLife(root, module, { params, query, say });
  await next?.ready;
  if (own !== visit) return next?.end();
  life?.end();
  life = next;
  if (next === null) render(html`<h1 tabindex="-1">Not found</h1><p>There is no such page.</p>`, root);
  main.replaceChildren(root);
  main.removeAttribute("aria-busy");
  markCurrent(name);
  document.title = `${next?.page.title ?? "Not found"} · ${nodeName}`;
  if (isFirst) return;
  scrollTo(0, 0);
  root.querySelector("h1")?.focus({ preventScroll: true });
}

/** @param {string} name */
function markCurrent(name) {
  const about = name === "transactions" || name === "accounts" ? "blocks" : name;
  for (const link of document.querySelectorAll("nav a"))
    if (parseAddress(link.getAttribute("href") ?? "").name === about)
      link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
}

/** @param {LiveEvent} event */
function hear(event) {
  if (event.type === "opened") void learnName();
  if (event.type === "node-sampled") showLive(event.data);
  if (event.type === "tip-changed" && event.data.disconnected > 0)
    say(
      `Reorganisation: ${counted(event.data.disconnected, "block")} gave way to ${count(event.data.connected)}; height ${count(event.data.height)}.`,
    );
  life?.hear(event);
}

/** @param {{ height: number, peerCount: number }} sample */
function showLive({ height, peerCount }) {
  live.className = "live up";
  render(html`height <b>${count(height)}</b>, ${counted(peerCount, "peer")}`, live);
}

async function learnName() {
  /** @type {Status | null} */
  const status = await ask("/status").catch(() => null);
  if (status === null) return;
  nodeName = status.name;
  part("node-name").textContent = nodeName;
  document.title = `${document.title.split(" · ")[0]} · ${nodeName}`;
  showLive({ height: status.height, peerCount: status.peers.up });
}

/** @param {SubmitEvent} event */
async function find(event) {
  event.preventDefault();
  const input = /** @type {HTMLInputElement} */ (part("find-text"));
  const address = await addressOf(input.value);
  if (address !== null) {
    input.setCustomValidity("");
    input.value = "";
    location.hash = address;
    return;
  }
  input.setCustomValidity("A height, or the 64 digits of a hash, an id or an account");
  input.reportValidity();
  input.addEventListener("input", () => input.setCustomValidity(""), { once: true });
}

connection.onChange((isUp) => {
  live.className = isUp ? "live up" : "live gone";
  if (!isUp) live.textContent = "gone";
  render(
    isUp
      ? nothing
      : html`<p class="notice bad"><strong>The node does not answer.</strong> What you see may be old. The page goes on by itself when the node is back.</p>`,
    notice,
  );
  if (!isUp) return;
  say("The node is back.");
  if (isIncomplete) location.reload();
  else life?.reload();
});
addEventListener("hashchange", () => void open(false));
part("find").addEventListener("submit", (event) => void find(/** @type {SubmitEvent} */ (event)));
part("skip").addEventListener("click", (event) => {
  // The address is the page's; the jump is ours.
  event.preventDefault();
  main.focus();
});
hearEvents(hear);
void open(true);
