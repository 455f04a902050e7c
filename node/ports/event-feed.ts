/** A bounded memory of what happened in a live node, for readers that come and go. */
export interface EventFeed {
  /** The id of the newest event. */
  readonly lastId: number;
  /**
   * Calls back with the events above `afterId` (0: with all) that are kept, then with each new one; `gap` first when events between were let go or
   * `afterId` is of another life of this node. Never calls back before it returns. The function that it returns ends this.
   */
  subscribe(afterId: number, listener: FeedListener): () => void;
}

export interface FeedListener {
  /** One or more, the oldest first: what is told at one go. */
  events(entries: readonly FeedEntry[]): void;
  gap(fromId: number, toId: number): void;
}

export interface FeedEntry {
  /** Without holes as long as a process lives; what follows is always higher, from the next one too. */
  readonly id: number;
  readonly type: string;
  /** JSON in one line. */
  readonly json: string;
}
