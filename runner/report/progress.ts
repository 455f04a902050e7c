import { createLogUpdate } from "log-update";
import type { Micros } from "../../node/core/support/micros.ts";
import { countText, durationText } from "../analysis/figure-text.ts";

/** How a run stands, as far as its driver knows; null is not known. */
export interface RunProgress {
  readonly clock: "virtual" | "real";
  readonly nowUs: Micros;
  readonly durationUs: Micros;
  /** Of the highest tip of any node. */
  readonly height: number | null;
  /** Heights with more than one block so far. */
  readonly forkCount: number | null;
  /** Transactions waiting at the fullest node. */
  readonly mempoolCount: number | null;
  /** From `describePhase`, or another short text. */
  readonly phase: string | null;
}

export interface Progress {
  /** Call as often as you like: a terminal is redrawn a few times a second, elsewhere a line comes every few seconds. */
  update(snapshot: RunProgress): void;
  /** Takes the live line away, or writes the last state as a line. Nothing may be updated after it. */
  finish(): void;
}

/** Ten a second looks smooth; drawing more would take time from the nodes on the same machine. */
const REDRAW_MS = 100;
/** A log of a run of a minute then has a dozen lines. */
const PLAIN_LINE_MS = 5_000;
const BAR_CELLS = 20;
/** Where the stream has no width of its own. */
const DEFAULT_COLUMNS = 80;

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** A live line on a terminal, plain lines anywhere else. `nowMs` is any clock that only goes forward. */
export function createProgress(stream: Output, nowMs: () => number = () => performance.now()): Progress {
  const isLive = stream.isTTY === true;
  const redraw = isLive ? createLogUpdate(stream) : null;
  const intervalMs = isLive ? REDRAW_MS : PLAIN_LINE_MS;
  let drawnMs = Number.NEGATIVE_INFINITY;
  let pending: RunProgress | null = null;
  const draw = (snapshot: RunProgress) => {
    if (redraw === null) stream.write(`${progressText(snapshot, null)}\n`);
    else redraw(progressText(snapshot, stream.columns ?? DEFAULT_COLUMNS));
  };
  return {
    update(snapshot) {
      pending = snapshot;
      const now = nowMs();
      if (now - drawnMs < intervalMs) return;
      drawnMs = now;
      pending = null;
      draw(snapshot);
    },
    finish() {
      if (redraw !== null) {
        redraw.clear();
        redraw.done();
      } else if (pending !== null) draw(pending);
      pending = null;
    },
  };
}

/** One line; with a width it has a bar and is cut to fit, so that the terminal never wraps it. */
export function progressText(progress: RunProgress, columns: number | null): string {
  const { clock, nowUs, durationUs, height, forkCount, mempoolCount, phase } = progress;
  const share = durationUs <= 0 ? 1 : Math.min(1, Math.max(0, nowUs / durationUs));
  const parts = [
    `${clock === "virtual" ? "virtual " : ""}${durationText(nowUs)} of ${durationText(durationUs)}`,
    ...(height === null ? [] : [`height ${countText(height)}`]),
    ...(forkCount === null ? [] : [`${countText(forkCount)} ${forkCount === 1 ? "fork" : "forks"}`]),
    ...(mempoolCount === null ? [] : [`mempool ${countText(mempoolCount)}`]),
    ...(phase === null ? [] : [phase]),
  ];
  const percent = `${Math.floor(share * 100)} %`;
  if (columns === null) return [percent, ...parts].join(" · ");
  const done = Math.round(share * BAR_CELLS);
  const text = `${"█".repeat(done)}${"░".repeat(BAR_CELLS - done)} ${parts.join(" · ")}`;
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
