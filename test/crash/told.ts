import type { NodeUnderTest } from "../support/live-process.ts";

/** What one life of a node told of, over its stream of events. */
export class Told {
  /** Blocks that it mined or took. */
  readonly hashes = new Set<string>();
  /** Of blocks that it mined. */
  readonly transactionIds = new Map<string, readonly string[]>();
  readonly #reading: Promise<void>;

  constructor(node: NodeUnderTest) {
    this.#reading = this.#read(node);
  }

  get hasTransactions(): boolean {
    return [...this.transactionIds.values()].some((ids) => ids.length > 0);
  }

  /** When the process is gone, and all that it said was read. */
  ended(): Promise<void> {
    return this.#reading;
  }

  async #read(node: NodeUnderTest): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    try {
      const { body } = await fetch(`${node.url}/events?from=0`);
      for await (const chunk of body ?? []) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) this.#take(line);
      }
    } catch (error) {
      // A connection breaks off when its process is killed; anything else is no end.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  #event = "";

  #take(line: string): void {
    if (line.startsWith("event: ")) this.#event = line.slice("event: ".length);
    if (!line.startsWith("data: ") || !/^block-(mined|received)$/.test(this.#event)) return;
    const { hash, transactionIds } = JSON.parse(line.slice("data: ".length));
    this.hashes.add(hash);
    if (transactionIds !== undefined) this.transactionIds.set(hash, transactionIds);
  }
}
