import type { TransactionFacts } from "../chain/transaction-facts.ts";
import type { Hex } from "../chain/types.ts";
import type { BlockEntry } from "../state/block-entry.ts";
import type { Mempool } from "../state/mempool.ts";
import type { Micros } from "../support/micros.ts";
import type { LinkIndex } from "./node-port.ts";

/** A body that was asked for and has not come. */
export interface BodyRequest {
  readonly block: BlockEntry;
  readonly link: LinkIndex;
  /** 0 for the first request of this block. */
  readonly attempt: number;
  readonly deadlineUs: Micros;
}

/** Headers that a peer was asked for and has not sent. */
export interface HeaderQuestion {
  /** How often it was asked, 1 at least. */
  count: number;
  readonly deadlineUs: Micros;
}

/**
 * All that one view keeps for itself, in one object: an event of a large simulation comes to a view that the processor's caches have long
 * forgotten, and each further object of it would cost another miss. The parts of the protocol are shared by all views and take the state that
 * they work on; each field says who writes it. Times that change with every block are no fields, because a number that is not a
 * small integer is an object of its own: their owners keep them in columns by view.
 */
export class ViewState {
  /** Which column of beliefs is this view's. */
  readonly view: number;
  /** `BestChain`: end of the best chain that is held. */
  tip: BlockEntry;
  /** `BlockDownload`: the most-work block whose header is known, or one that is held. */
  target: BlockEntry;
  /** `InFlight`: the first request, or null; nearly always there is one at most. */
  requestedBlock: BlockEntry | null = null;
  requestedLink: LinkIndex = 0;
  requestedAttempt = 0;
  /** `InFlight`: requests beside the first. */
  otherRequests: BodyRequest[] = NO_REQUESTS;
  /** `BlockDownload`: height ascending, no gaps: what was lacking on the way to `target` when it became the aim. Empty: not behind. */
  path: BlockEntry[] = NO_BLOCKS;
  /** `BlockDownload`: of `path`: nothing below it is still to be asked for. */
  nextOnPath = 0;
  /** `BlockDownload`: bodies that wait for an ancestor, and the links that brought them. All are on `path`, or were when it was given up. */
  waiting: Map<BlockEntry, LinkIndex> = NOBODY;
  /** `BlockDownload`: links that let a request run out of time, or all others wait, and have brought nothing in time since: asked when nobody else can help. */
  stalled: Set<LinkIndex> = NO_LINKS;
  /** `LinkPace`: bodies that links may have under way, of those that have brought some while this view was behind. */
  paces: Map<LinkIndex, number> = NO_PACES;
  /** `BlockDownload`: an aim was given up, and nobody has looked for another yet. */
  hasGivenUp = false;
  /** `BestChain`: the tip was not told to anyone, because a much better chain was on its way. */
  isUntold = false;
  /** `BestChain`: the one that empty views share, until something is to be put in. */
  mempool: Mempool;
  /** `HeaderQuestions`: by link, those that wait for an answer. */
  questions: Map<LinkIndex, HeaderQuestion> = NO_QUESTIONS;
  /** `HeaderIntake`: links whose peers have more headers than a view wants before it has the bodies of those it knows. */
  putOff: Set<LinkIndex> = NO_LINKS;
  /** Null until the first transaction, or word of one, comes. */
  talk: TransactionTalk | null = null;

  constructor(view: number, genesis: BlockEntry, mempool: Mempool) {
    this.view = view;
    this.tip = genesis;
    this.target = genesis;
    this.mempool = mempool;
  }
}

/** Transactions that a view took and has told nobody of. */
export interface Untold {
  readonly tellAtUs: Micros;
  /** In the order in which they came; with each the links whose peers have it already. */
  readonly knowers: Map<Hex, Set<LinkIndex>>;
}

/** A transaction that was asked for and has not come. */
export interface Wanted {
  /** Was asked for it. */
  readonly link: LinkIndex;
  readonly deadlineUs: Micros;
  /** Announced it too, the earliest first. */
  readonly others: LinkIndex[];
}

/** Transactions that one view has asked for and that have not come. */
export interface WantedTransactions {
  /** In the order of their deadlines. */
  readonly byId: Map<Hex, Wanted>;
  /** How many of them each link was asked for. */
  readonly countOf: Map<LinkIndex, number>;
}

/** What a view has on its mind of transactions beside its mempool. */
export interface TransactionTalk {
  /** `TransactionNews`: null when everything is told. */
  untold: Untold | null;
  /** `TransactionWants`: null when nothing is waited for. */
  wanted: WantedTransactions | null;
  /** `CompactIntake`: blocks that wait for missing transactions, with those that are known, null where one is missing. */
  readonly partials: Map<BlockEntry, (TransactionFacts | null)[]>;
  /** `TransactionIntake`: refused since this tip, which made them impossible; the oldest first. */
  refused: Set<Hex>;
  refusedAt: BlockEntry | null;
}

/** The view's, made if it has none. */
export function talkOf(state: ViewState): TransactionTalk {
  state.talk ??= { untold: null, wanted: null, partials: new Map(), refused: new Set(), refusedAt: null };
  return state.talk;
}

/** Shared, so that ten thousand idle views own no collections; replaced, never filled. */
export const NO_REQUESTS: BodyRequest[] = [];
export const NO_BLOCKS: BlockEntry[] = [];
export const NOBODY = new Map<BlockEntry, LinkIndex>();
export const NO_LINKS = new Set<LinkIndex>();
export const NO_PACES = new Map<LinkIndex, number>();
export const NO_QUESTIONS = new Map<LinkIndex, HeaderQuestion>();
