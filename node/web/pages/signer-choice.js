import { html } from "/web/lit/lit-html.js";
import * as format from "../shell/format.js";
import { transactionLink } from "./parts.js";

/** The value that stands for the node's keyring; no key of a browser has an empty name. */
export const KEYRING = "";

/**
 * Who signs: the node, with a key that it keeps for the name, or a key of this browser.
 * @param {string} id
 * @param {readonly { readonly name: string, readonly publicKey: string }[]} keys
 */
export function signerChoice(id, keys) {
  return html`<div>
    <label for=${id}>Signed by</label>
    <select id=${id} name="signer">
      <option value=${KEYRING}>this node, which keeps a key for the name</option>
      ${keys.map(({ name, publicKey }) => html`<option value=${name}>${name}, a key of this browser (${format.short(publicKey)})</option>`)}
    </select>
  </div>`;
}

/**
 * Runs what a form asks, once at a time, and tells what came of it.
 * @param {() => void} update
 */
export function formWork(update) {
  const work = {
    /** @type {{ isBad: boolean, text: unknown } | null} */
    outcome: null,
    isBusy: false,
    /**
     * Handles a submit: `act` gets the fields, and gives what is to be said. The form is emptied where it went well, unless it is to be kept.
     * @param {(fields: (name: string) => string) => Promise<unknown>} act
     * @param {readonly string[]} [emptied] Names of the fields that are.
     */
    on:
      (act, emptied = []) =>
      /** @param {SubmitEvent} event */
      async (event) => {
        event.preventDefault();
        if (work.isBusy) return;
        const form = /** @type {HTMLFormElement} */ (event.target);
        const data = new FormData(form);
        await work.run(() => act((name) => String(data.get(name) ?? "").trim()));
        if (work.outcome?.isBad === false)
          for (const name of emptied) {
            const field = form.elements.namedItem(name);
            if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = "";
          }
      },
    /** @param {() => Promise<unknown>} act */
    async run(act) {
      work.isBusy = true;
      update();
      try {
        work.outcome = { isBad: false, text: await act() };
      } catch (error) {
        work.outcome = { isBad: true, text: error instanceof Error ? error.message : String(error) };
      }
      work.isBusy = false;
      update();
    },
  };
  return work;
}

/** @param {string} id */
export function submittedText(id) {
  return html`Signed and sent: transaction ${transactionLink(id)} waits for a block.`;
}

/**
 * Asks the node for a block.
 * @param {"continuous" | "demand" | "off"} mode
 * @param {() => Promise<{ height: number }>} mine
 */
export async function mineText(mode, mine) {
  if (mode === "continuous") return "This node mines all the time: what waits is in one of its next blocks.";
  if (mode === "off") throw new Error("This node does not mine; ask another one.");
  const { height } = await mine();
  return html`Block <a href="#/blocks/${height}">${format.count(height)}</a> is mined.`;
}
