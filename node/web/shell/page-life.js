import { html, render } from "/web/lit/lit-html.js";
import { Refused, Unanswered } from "./api.js";

/** @import { LiveEvent, Page, PageContext, PageModule } from "../types.js" */

/** From one load to the next at least, ms: a busy chain does not make a page ask all the time. */
const LOAD_INTERVAL_MS = 400;

/** One page from when it is opened until it is left: loads, draws, and loads again when something happened. */
export class PageLife {
  /** @type {Page} */
  page;
  #root;
  #isOver = false;
  #isLoading = false;
  #isStale = false;
  #loadedAtMs = Number.NEGATIVE_INFINITY;
  #timer = 0;
  /** @type {unknown} */
  #failure = null;
  #isLoaded = false;
  /** @type {Promise<void>} */
  ready;

  /**
   * @param {HTMLElement} root
   * @param {PageModule} module
   * @param {Pick<PageContext, "params" | "query" | "say">} context
   */
  constructor(root, module, context) {
    this.#root = root;
    this.page = module.open({ ...context, update: () => this.draw(), reload: () => this.reload() });
    this.ready = this.#load();
    const { reloadEveryMs } = this.page;
    if (reloadEveryMs !== undefined) this.#timer = window.setInterval(() => this.reload(), reloadEveryMs);
  }

  /** @param {LiveEvent} event */
  hear(event) {
    this.page.hear?.(event);
    if (
      event.type === "opened"
        ? this.#isLoaded || this.#failure !== null
        : this.page.reloadOn?.includes(event.type)
    )
      this.reload();
  }

  reload() {
    if (this.#isStale || this.#isOver || document.hidden) return;
    this.#isStale = true;
    if (this.#isLoading) return;
    const waitMs = this.#loadedAtMs + LOAD_INTERVAL_MS - performance.now();
    setTimeout(() => void this.#load(), Math.max(0, waitMs));
  }

  draw() {
    if (this.#isOver) return;
    render(this.#failure === null ? this.page.render() : failureText(this.#failure), this.#root);
  }

  end() {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  async #load() {
    if (this.#isOver) return;
    this.#isStale = false;
    this.#isLoading = true;
    try {
      await this.page.load();
      this.#failure = null;
      this.#isLoaded = true;
    } catch (error) {
      // What is shown already stays when the node is gone; the shell says that it is.
      if (!(error instanceof Unanswered && this.#isLoaded)) this.#failure = error;
    }
    this.#isLoading = false;
    this.#loadedAtMs = performance.now();
    this.draw();
    if (this.#isStale) {
      this.#isStale = false;
      this.reload();
    }
  }
}

/** @param {unknown} error */
function failureText(error) {
  if (error instanceof Unanswered)
    return html`<h1 tabindex="-1">No answer</h1><p>The page comes when the node does.</p>`;
  if (error instanceof Refused)
    return html`<h1 tabindex="-1">${error.status === 404 ? "Not found" : "Refused"}</h1>
      <p>${error.message}</p>
      <p class="muted">The node said <code>${error.code}</code>.</p>`;
  // A mistake of ours; the console has it whole.
  console.error(error);
  return html`<h1 tabindex="-1">Something is wrong with this page</h1><p>${String(error)}</p>`;
}
