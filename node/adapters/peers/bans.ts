import type { Micros } from "../../core/support/micros.ts";
import type { BanView } from "../../ports/peer-directory.ts";

/** How long a peer that broke a rule is not spoken with, ms: long against a retry, short against an experiment. */
export const BAN_MS = 30_000;

/** Bans that are remembered, those that are over as well. Names cost nothing, so whoever invents them pushes out the oldest. */
export const BAN_COUNT_MAX = 256;

/** Why a peer is banned: a code out of few, and the same in words. */
export interface Offence {
  readonly code: string;
  readonly reason: string;
}

/** Who broke which rule, and until when nobody speaks with them. */
export class Bans {
  /** By name, the one that was banned last at the end. */
  readonly #byName = new Map<string, BanView>();

  /** Begins a ban, or begins it anew. */
  add(peer: { readonly name: string; readonly url: string }, offence: Offence, nowUs: Micros): BanView {
    const { name, url } = peer;
    const before = this.#byName.get(name);
    const bannedAtMs = Math.floor(nowUs / 1_000);
    const ban = {
      name,
      url,
      ...offence,
      bannedAtMs,
      untilMs: bannedAtMs + BAN_MS,
      count: 1 + (before?.count ?? 0),
    };
    this.#byName.delete(name);
    this.#byName.set(name, ban);
    const [oldest] = this.#byName.keys();
    if (oldest !== undefined && this.#byName.size > BAN_COUNT_MAX) this.#byName.delete(oldest);
    return ban;
  }

  has(name: string, nowUs: Micros): boolean {
    return (this.#byName.get(name)?.untilMs ?? 0) > nowUs / 1_000;
  }

  list(): BanView[] {
    return [...this.#byName.values()];
  }
}
