import type { NodeEnd } from "../backends/backend.ts";

/** What the checks must know beside plan and figures. */
export interface JudgeContext {
  /** Whether real clocks ran it: then timers may be late and processors too slow, and it must be shown that they were not. */
  readonly isLive: boolean;
  /** Ctrl-C or a failure ended the run before its time. */
  readonly interrupted: boolean;
  /** How the nodes stood when they were stopped; null if the backend could not say. */
  readonly nodeEnds: readonly NodeEnd[] | null;
}
