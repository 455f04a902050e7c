/** What the node says to its mining thread. */
export type ToWorker =
  /** Look for a nonce for these 119 bytes, whose hash in hex is at most `targetHex`. Replaces the work before. */
  | {
      readonly type: "work";
      readonly id: number;
      readonly headerBytes: Uint8Array;
      readonly targetHex: string;
    }
  | { readonly type: "rate"; readonly hashesPerSec: number }
  | { readonly type: "rest" };

/** What the mining thread says: this work is done. It rests until there is other work. */
export interface FromWorker {
  readonly id: number;
  readonly nonce: bigint;
}

/** Handed to the thread when it starts: a counter of tried hashes that both threads see. */
export interface WorkerStart {
  readonly tried: BigInt64Array;
}
