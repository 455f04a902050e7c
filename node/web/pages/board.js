import { html } from "/web/lit/lit-html.js";
/** @import { Page } from "../types.js" */
/** @returns {Page} */
export function open() {
  return { title: "board", load: () => Promise.resolve(), render: () => html`<h1>board</h1>` };
}
