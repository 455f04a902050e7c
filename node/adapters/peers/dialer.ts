import type { Prng } from "../../core/support/prng.ts";
import type { CallGuard } from "../../schemas/call-guard.ts";

/** First wait before another try, ms; it doubles up to the longest. */
const BACK_OFF_MS_MIN = 250;
/** Short enough that a healed network is whole again within seconds, long enough that the dead cost nothing. */
const BACK_OFF_MS_MAX = 5_000;

/** Tries for an address that nobody configured: a peer that came by itself will come again by itself. */
const LEARNED_ATTEMPTS_MAX = 8;

/** Addresses that are tried, at most: more than there are links, so that the dead do not keep the living out. */
export const ADDRESS_COUNT_MAX = 512;

export interface Address {
  readonly url: string;
  /** What the peer there called itself; null until it answered. */
  name: string | null;
  /** An operator named it: it is tried for ever. */
  isConfigured: boolean;
  /** Where it may lead; null: an operator of this machine named it, and it is called wherever it is. */
  guard: CallGuard | null;
  attempts: number;
  lastFailure: string | null;
  /** Of the answer with which the other end refused; null if there was none. */
  lastStatus: number | null;
}

/**
 * Which addresses are tried, and when: at once, then after waits that double, with jitter, so that nodes that lost each other at one
 * moment do not all come back at one moment.
 */
export class Dialer {
  readonly #addresses = new Map<string, Address>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #jitter: Prng;
  readonly #dial: (address: Address) => void;

  constructor(jitter: Prng, dial: (address: Address) => void) {
    this.#jitter = jitter;
    this.#dial = dial;
  }

  get addresses(): Iterable<Address> {
    return this.#addresses.values();
  }

  find(url: string): Address | null {
    return this.#addresses.get(url) ?? null;
  }

  /** The address's entry, made if it is new; null when the table is full. */
  enter(url: string, isConfigured: boolean, guard: CallGuard | null): Address | null {
    const known = this.#addresses.get(url);
    if (known !== undefined) {
      known.isConfigured ||= isConfigured;
      if (known.guard !== null) known.guard = guard;
      return known;
    }
    if (this.#addresses.size >= ADDRESS_COUNT_MAX) return null;
    const address: Address = {
      url,
      name: null,
      isConfigured,
      guard,
      attempts: 0,
      lastFailure: null,
      lastStatus: null,
    };
    this.#addresses.set(url, address);
    return address;
  }

  succeeded(address: Address): void {
    address.attempts = 0;
    address.lastFailure = null;
    address.lastStatus = null;
    this.#cancel(address.url);
  }

  /** Tries no more, unless an operator named the address. */
  forget(url: string): void {
    if (!this.#addresses.get(url)?.isConfigured) this.remove(url);
  }

  /** Tries no more, whoever named the address. */
  remove(url: string): void {
    this.#addresses.delete(url);
    this.#cancel(url);
  }

  /** Tries again later; at least after `waitMs`. */
  failed(address: Address, reason: string, waitMs = 0): void {
    // A try that was under way when the address was forgotten.
    if (this.#addresses.get(address.url) !== address) return;
    address.lastFailure = reason;
    address.attempts += 1;
    if (!address.isConfigured && address.attempts > LEARNED_ATTEMPTS_MAX) {
      this.#addresses.delete(address.url);
      return;
    }
    const ceilingMs = Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN * 2 ** (address.attempts - 1));
    // Half of the wait is drawn: enough to spread, and never at once.
    const delayMs = Math.max(waitMs, ceilingMs * (0.5 + 0.5 * this.#jitter.uniform()));
    this.#cancel(address.url);
    const timer = setTimeout(() => {
      this.#timers.delete(address.url);
      this.#dial(address);
    }, delayMs);
    this.#timers.set(address.url, timer);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #cancel(url: string): void {
    clearTimeout(this.#timers.get(url));
    this.#timers.delete(url);
  }
}
