interface Layer<Value> {
  readonly line: number;
  /** null: every key. */
  readonly keys: ReadonlySet<number> | null;
  readonly value: Value;
}

/** What holds for some keys once a line has ended; `value: null` is what held before the timeline. */
export interface Remaining<Value> {
  /** null: every key. */
  readonly keys: readonly number[] | null;
  readonly value: Value | null;
}

/**
 * Changes that lie on one another: of those that cover a key the latest holds, and when it ends, the one below it.
 * Keys count from 0 (links or nodes).
 */
export class OverrideLayers<Value> {
  readonly #keyCount: number;
  readonly #layers: Layer<Value>[] = [];

  constructor(keyCount: number) {
    this.#keyCount = keyCount;
  }

  add(line: number, keys: readonly number[] | null, value: Value): void {
    this.#layers.push({ line, keys: keys === null ? null : new Set(keys), value });
  }

  /** The line ends: what its keys fall back to, one entry for each value. Keys that a later line covers do not change. */
  end(line: number): Remaining<Value>[] {
    const position = this.#layers.findIndex((layer) => layer.line === line);
    const [ended] = this.#layers.splice(position, 1);
    if (ended === undefined) return [];
    const keysOf = new Map<Layer<Value> | null, number[]>();
    for (const key of ended.keys ?? Array.from({ length: this.#keyCount }, (_, key) => key)) {
      const top = this.#layers.findLastIndex(({ keys }) => keys === null || keys.has(key));
      if (top >= position) continue;
      const layer = this.#layers[top] ?? null;
      const keys = keysOf.get(layer);
      if (keys === undefined) keysOf.set(layer, [key]);
      else keys.push(key);
    }
    return [...keysOf].map(([layer, keys]) => ({
      keys: keys.length === this.#keyCount ? null : keys,
      value: layer?.value ?? null,
    }));
  }
}
