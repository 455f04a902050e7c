import type { Micros } from "../../core/support/micros.ts";
import type { Alarm } from "../../ports/alarm.ts";
import { systemNowUs } from "./system-clock.ts";

/** Wakes the one host of a live node by a timer. `onWake` is set when the host exists. */
export class TimerAlarm implements Alarm {
  onWake: ((nowUs: Micros) => void) | null = null;
  #timer: NodeJS.Timeout | null = null;

  wakeAt(_view: number, atUs: Micros): void {
    this.close();
    if (atUs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.max(0, Math.ceil((atUs - systemNowUs()) / 1_000));
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.onWake?.(systemNowUs());
    }, delayMs);
    this.#timer.unref();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
