import { connection } from "./connection.js";

/** @import { LiveEvent } from "../types.js" */

/** @type {readonly Exclude<LiveEvent["type"], "opened">[]} */
const TYPES = ["node-sampled", "tip-changed", "block-mined", "block-received", "transaction-accepted"];

/** When the node has no room for another reader, or is gone, ms. */
const RETRY_MS = 3_000;

/**
 * Hears what happens in the node, as long as the page is seen: a node has few places for readers. `opened` comes whenever listening begins, and
 * in its place, every few seconds, while there is no room: what was missed is to be asked for.
 * @param {(event: LiveEvent) => void} listener
 */
export function hearEvents(listener) {
  /** @type {EventSource | null} */
  let source = null;
  let retryTimer = 0;

  const open = () => {
    clearTimeout(retryTimer);
    if (source !== null || document.hidden) return;
    source = new EventSource("/events");
    source.onopen = () => listener({ type: "opened" });
    source.onerror = () => {
      close();
      connection.doubt();
      if (connection.isUp) listener({ type: "opened" });
      retryTimer = window.setTimeout(open, RETRY_MS);
    };
    for (const type of TYPES)
      source.addEventListener(type, (event) =>
        listener(/** @type {LiveEvent} */ ({ type, data: JSON.parse(event.data) })),
      );
  };
  const close = () => {
    clearTimeout(retryTimer);
    source?.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  connection.onChange((isUp) => (isUp ? open() : close()));
  open();
}
