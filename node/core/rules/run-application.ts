import { utf8Bytes } from "../chain/transaction-bytes.ts";
import type { Coins, Hex } from "../chain/types.ts";
import { invariant } from "../support/invariant.ts";
import {
  type AppLedger,
  type Application,
  type AppOrigin,
  type AppRefusal,
  type AppRules,
  RECORD_BYTES_MAX,
  RECORD_KEY_BYTES_MAX,
  RECORDS_WRITTEN_MAX,
} from "./application.ts";

/** What an application's run reads: a ledger, or one with changes on top. */
export interface AppState {
  balanceOf(account: Hex): Coins;
  /** By the whole key, with the application's name before it. */
  recordOf(key: string): string | null;
}

/** What a run changed: balances as they are after it, records by their whole keys. */
export interface AppEffects {
  readonly balances: ReadonlyMap<Hex, Coins>;
  readonly records: ReadonlyMap<string, string | null>;
}

export type AppOutcome =
  | { readonly refusal: AppRefusal; readonly effects: null }
  | { readonly refusal: null; readonly effects: AppEffects };

const NO_EFFECTS: AppOutcome = { refusal: null, effects: { balances: new Map(), records: new Map() } };

/** Runs an application over a state, which stays as it is: its effects are for the caller to keep, and a refusal has none. */
export function runApplication(
  { apply, name }: Application,
  payload: string,
  origin: AppOrigin,
  state: AppState,
  rules: AppRules,
): AppOutcome {
  if (apply === null) return NO_EFFECTS;
  const session = new AppSession(name, origin.sender, state, rules);
  const refusal = apply(payload, origin, session);
  return refusal === null ? { refusal, effects: session } : { refusal, effects: null };
}

/** Sets the addresses of applications apart from whatever else is hashed. */
const ADDRESS_DOMAIN = "forklab app\n";

/** An application's own account: a hash that is nobody's public key, but by an accident that will not happen. */
export function appAddress(app: string, label: string, { sha256 }: AppRules): Hex {
  return sha256(UTF8_ENCODER.encode(`${ADDRESS_DOMAIN}${app}\n${label}`));
}

/** The key of a record in the ledger: applications do not see one another's. */
export function recordKey(app: string, key: string): string {
  return `${app}/${key}`;
}

const UTF8_ENCODER = new TextEncoder();

class AppSession implements AppLedger, AppEffects {
  readonly balances = new Map<Hex, Coins>();
  readonly records = new Map<string, string | null>();
  readonly #app: string;
  /** From whom coins may go: the sender, and the application's accounts. */
  readonly #sources: Set<Hex>;
  readonly #state: AppState;
  readonly #rules: AppRules;

  constructor(app: string, sender: Hex, state: AppState, rules: AppRules) {
    this.#app = app;
    this.#sources = new Set([sender]);
    this.#state = state;
    this.#rules = rules;
  }

  balanceOf(account: Hex): Coins {
    return this.balances.get(account) ?? this.#state.balanceOf(account);
  }

  addressOf(label: string): Hex {
    const address = appAddress(this.#app, label, this.#rules);
    this.#sources.add(address);
    return address;
  }

  pay(source: Hex, target: Hex, amount: Coins): boolean {
    invariant(this.#sources.has(source), `${this.#app} moves coins of ${source}, which are not its own`);
    invariant(amount >= 0n, `${this.#app} pays less than nothing`);
    const balance = this.balanceOf(source);
    if (balance < amount) return false;
    this.balances.set(source, balance - amount);
    this.balances.set(target, this.balanceOf(target) + amount);
    return true;
  }

  recordOf(key: string): string | null {
    const whole = recordKey(this.#app, key);
    const written = this.records.get(whole);
    return written === undefined ? this.#state.recordOf(whole) : written;
  }

  setRecord(key: string, value: string | null): void {
    const whole = recordKey(this.#app, key);
    invariant(
      whole.isWellFormed() && utf8Bytes(whole) <= RECORD_KEY_BYTES_MAX,
      `${whole} is no key of a record`,
    );
    invariant(value === null || isRecordText(value), `the record ${whole} is too long, or no Unicode`);
    this.records.set(whole, value);
    invariant(this.records.size <= RECORDS_WRITTEN_MAX, `${this.#app} writes too many records at once`);
  }
}

function isRecordText(value: string): boolean {
  return value.isWellFormed() && utf8Bytes(value) <= RECORD_BYTES_MAX;
}
