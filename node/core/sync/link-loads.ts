import { IN_FLIGHT_BYTES_MAX, WINDOW_COUNT } from "./download-limits.ts";
import type { LinkCandidates } from "./link-choice.ts";
import { PACE_FIRST, paceOf } from "./link-pace.ts";
import type { BodyRequest, ViewState } from "./view-state.ts";

/** Of a view's links, by link. */
export interface LinkLoads {
  /** Bodies under way. */
  readonly busy: Uint16Array;
  /** How many more may be asked for now. */
  readonly room: Uint16Array;
}

/**
 * What links have under way, and what room that leaves. A link has none while more than half of what it may have is under way: then it
 * is asked for many at once, which travel together both ways, where one question for each body that came would travel alone. Nor is
 * it to have more than its share of the window, when many can serve, nor more than IN_FLIGHT_BYTES_MAX.
 */
export function linkLoads(
  state: ViewState,
  requests: readonly BodyRequest[],
  { linkCount, canServe }: LinkCandidates,
  blockBytesMax: number,
): LinkLoads {
  const busy = new Uint16Array(linkCount);
  for (const { link } of requests) busy[link] = (busy[link] as number) + 1;
  let servers = 0;
  for (let link = 0; link < linkCount; link++) if (canServe(link)) servers++;
  const share = Math.max(PACE_FIRST, Math.floor(WINDOW_COUNT / Math.max(1, servers)));
  const most = Math.max(1, Math.min(share, Math.floor(IN_FLIGHT_BYTES_MAX / blockBytesMax)));
  const room = busy.map((count, link) => {
    const may = Math.min(most, paceOf(state, link));
    return count > may / 2 ? 0 : may - count;
  });
  return { busy, room };
}
