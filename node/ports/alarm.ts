import type { Micros } from "../core/support/micros.ts";

/** Wakes a view's host once, at or after a time of its clock. A later call replaces the wish of an earlier one; Infinity takes it back. */
export interface Alarm {
  wakeAt(view: number, atUs: Micros): void;
}
