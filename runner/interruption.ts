import { type EndingSignal, EXIT_BY_SIGNAL } from "./exit-status.ts";

/**
 * npm hands a Ctrl-C on to a process that the terminal has told already, so one press may come twice; nobody means two within this time.
 */
const SAME_PRESS_MS = 500;

/** Turns Ctrl-C and SIGTERM into the end of a run; the second one ends the process at once, and with it every node (see `Watchdog`). */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #say: (text: string) => void;
  #by: EndingSignal | null = null;
  #firstAtMs = 0;

  constructor(say: (text: string) => void) {
    this.#say = say;
    for (const name of Object.keys(EXIT_BY_SIGNAL) as EndingSignal[]) process.on(name, () => this.#on(name));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Null until one came. */
  get by(): EndingSignal | null {
    return this.#by;
  }

  #on(name: EndingSignal): void {
    if (this.#by === null) {
      this.#by = name;
      this.#firstAtMs = performance.now();
      this.#say(
        "Interrupted: stopping the nodes and writing what was recorded. Ctrl-C again gives up at once.",
      );
      this.#controller.abort(new Error(`interrupted by ${name}`));
    } else if (performance.now() - this.#firstAtMs > SAME_PRESS_MS) process.exit(EXIT_BY_SIGNAL[name]);
  }
}
