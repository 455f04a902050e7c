import type { Micros } from "../../core/support/micros.ts";
import type { ReleaseView } from "../../ports/peer-directory.ts";

/**
 * How long a peer that was released is not let in again, ms: long enough that it has noticed, by its next post, and has tried to link anew. That
 * one try tells it to turn to others.
 */
export const RELEASE_MS = 10_000;

/** How long one that was slow is not, ms: as long as discovery does not choose it. A link that is new is trusted again, at the cost of another wait. */
export const SLOW_RELEASE_MS = 60_000;

/** Releases that are remembered, those that are over as well; the oldest give way. */
export const RELEASE_COUNT_MAX = 256;

/** Whose links this node ended although they broke no rule, why, and until when they are not let in again. */
export class Releases {
  /** By name, the one that was released last at the end. */
  readonly #byName = new Map<string, ReleaseView>();

  add(
    peer: { readonly name: string; readonly url: string },
    cause: Pick<ReleaseView, "code" | "reason">,
    nowUs: Micros,
  ): void {
    const { name, url } = peer;
    const releasedAtMs = Math.floor(nowUs / 1_000);
    const untilMs = releasedAtMs + (cause.code === "slow" ? SLOW_RELEASE_MS : RELEASE_MS);
    this.#byName.delete(name);
    this.#byName.set(name, { name, url, ...cause, releasedAtMs, untilMs });
    const [oldest] = this.#byName.keys();
    if (oldest !== undefined && this.#byName.size > RELEASE_COUNT_MAX) this.#byName.delete(oldest);
  }

  has(name: string, nowUs: Micros): boolean {
    return (this.#byName.get(name)?.untilMs ?? 0) > nowUs / 1_000;
  }

  list(): ReleaseView[] {
    return [...this.#byName.values()];
  }
}
