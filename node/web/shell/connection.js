/** How often a node that is gone is asked for, ms. */
const RETRY_MS = 1_000;

/** How long it may take to say that it lives, ms. */
const HEALTH_TIMEOUT_MS = 4_000;

/** Whether the node answers. It is taken to, until somebody has reason to doubt; then it is asked until it does. */
class Connection {
  isUp = true;
  #isAsking = false;
  /** @type {Set<(isUp: boolean) => void>} */
  #listeners = new Set();

  /** @param {(isUp: boolean) => void} listener Called when the node is gone, and when it is back. */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  /** Something failed: looks whether the node is there, and goes on looking while it is not. */
  doubt() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    void this.#ask();
  }

  async #ask() {
    while (!(await isAlive())) {
      this.#set(false);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    this.#isAsking = false;
    this.#set(true);
  }

  /** @param {boolean} isUp */
  #set(isUp) {
    if (this.isUp === isUp) return;
    this.isUp = isUp;
    for (const listener of this.#listeners) listener(isUp);
  }
}

async function isAlive() {
  const answer = await fetch("/health", { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) }).catch(() => null);
  return answer !== null && (answer.ok || answer.status === 429);
}

export const connection = new Connection();
