import { FRAME_BYTES, KIND_BYTE } from "../../node/core/machine/wire.ts";
import type { ChainParameters } from "../../node/core/rules/parameters.ts";
import type { Message } from "../../node/core/state/messages.ts";
import type { BlockAuthor } from "../support/mined-blocks.ts";

/** A peer that does what it likes, live or simulated: it sends frames, and sees what it is sent. */
export interface Foe {
  /** Makes blocks of the chain under attack in a tree of its own, valid or not. */
  readonly author: BlockAuthor;
  /** Of the 100,000 transactions that it would send: a simulated one sends fewer, to be quick. */
  readonly floodRatio: number;
  /** One batch after the other; stops when the victim refuses one. */
  send(...batches: readonly (readonly Uint8Array[])[]): Promise<void>;
  /** What it answers to a frame of its victim's; nothing if left alone. */
  answer: (frame: Uint8Array) => readonly Uint8Array[];
  /** Frames that it got, by their kind. */
  readonly got: ReadonlyMap<Message["kind"], number>;
}

/** The chain that is attacked: blocks cost nothing, and difficulty follows their times, so that a branch may have many blocks of little work. */
export function attackedChain(genesisTimeMs: number): Partial<ChainParameters> {
  return {
    difficultyRule: { kind: "bitcoin", periodBlocks: 5, blockIntervalMs: 1_000 },
    genesisTimeMs,
    blockBytesMax: 100_000,
  };
}

/** A frame of any payload. */
export function frameOf(kind: Message["kind"], payload: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(FRAME_BYTES + payload.length);
  bytes[0] = KIND_BYTE[kind];
  bytes.writeUInt32BE(payload.length, 1);
  bytes.set(payload, FRAME_BYTES);
  return bytes;
}

export function kindOf(frame: Uint8Array): Message["kind"] | null {
  for (const [kind, byte] of Object.entries(KIND_BYTE)) if (byte === frame[0]) return kind as Message["kind"];
  return null;
}
