import type { LinkConditions } from "../../../node/link/link-conditions.ts";

/**
 * One life of a node, from its listening to its end: a process, or a container. All of it may throw an `OperationError` when the system
 * does not do it.
 */
export interface NodeLife {
  /** Where the runner reaches it. */
  readonly url: string;
  /** Where its peers reach it. */
  readonly peerUrl: string;
  readonly genesisHash: string;
  /** Null while it lives. */
  readonly end: LifeEnd | null;
  /** Resolves when it is over, whatever ended it, and all that it wrote is in its log. */
  readonly ended: Promise<LifeEnd>;
  /** At once, also when it stands still; resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to end in order; it may take its time. Of no effect on what stands still. */
  terminate(): Promise<void>;
  /** It stands still, in the middle of whatever it did. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** As the system sees it, not the node; null when the system cannot say. */
  isFrozen(): Promise<boolean | null>;
  /** Whether the system still has it running. */
  isRunning(): Promise<boolean>;
}

export interface LifeEnd {
  /** "exited with status 1", "was killed by SIGKILL": after "the process" or "the container". */
  readonly text: string;
}

export type LifeStart =
  | { readonly ok: true; readonly life: NodeLife }
  /** With its last words, if there were any. */
  | { readonly ok: false; readonly reason: string };

/** What one life begins with. A node has one after the other, all on one store. */
export interface LifeRequest {
  readonly node: number;
  readonly name: string;
  /** Settings of the node, without those that say where it lives. */
  readonly flags: readonly string[];
  readonly conditions: LinkConditions;
  readonly controlToken: string;
  /** Appended to. */
  readonly logFile: string;
}

/** Where nodes live. */
export interface NodePlace {
  /** "process", "container". */
  readonly noun: string;
  /** Never rejects for what goes wrong with the node. */
  start(request: LifeRequest, signal: AbortSignal): Promise<LifeStart>;
}
