import { html } from "/web/lit/lit-html.js";
/** @import { Page } from "../types.js" */
/** @returns {Page} */
export function open() {
  return { title: "wallet", load: () => Promise.resolve(), render: () => html`<h1>wallet</h1>` };
}
