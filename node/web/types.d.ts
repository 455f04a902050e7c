import type { TemplateResult } from "lit-html";
import type * as z from "zod";
import type {
  blockPageShape,
  headerPageShape,
  headerShape,
  oneBlockShape,
  transactionShape,
  treeShape,
} from "../adapters/http/shapes/block-shapes.ts";
import type { peerShape, peersShape, statusShape } from "../adapters/http/shapes/node-shapes.ts";
import type {
  accountShape,
  foundTransactionShape,
  mempoolShape,
  proofShape,
  transactionPageShape,
} from "../adapters/http/shapes/transaction-shapes.ts";

/** What the node answers, from the very schemas that its documents are made of. */
export type Status = z.output<typeof statusShape>;
export type Header = z.output<typeof headerShape>;
export type HeaderPage = z.output<typeof headerPageShape>;
export type BlockPage = z.output<typeof blockPageShape>;
export type OneBlock = z.output<typeof oneBlockShape>;
export type TransactionJson = z.output<typeof transactionShape>;
export type Found = z.output<typeof foundTransactionShape>;
export type Proof = z.output<typeof proofShape>;
export type TransactionPage = z.output<typeof transactionPageShape>;
export type Mempool = z.output<typeof mempoolShape>;
export type Account = z.output<typeof accountShape>;
export type Peer = z.output<typeof peerShape>;
export type Peers = z.output<typeof peersShape>;
export type Tree = z.output<typeof treeShape>;
export type TreeBlock = Tree["blocks"][number];

/** Each second, from /events. */
export interface Sample {
  readonly height: number;
  readonly tipHash: string;
  readonly mempoolCount: number;
  readonly mempoolBytes: number;
  readonly peerCount: number;
  readonly hashesPerSecAsked: number;
  readonly hashesPerSecAchieved: number | null;
}

export interface TipChange {
  readonly hash: string;
  readonly height: number;
  readonly disconnected: number;
  readonly connected: number;
}

export type LiveEvent =
  | { readonly type: "opened" }
  | { readonly type: "node-sampled"; readonly data: Sample }
  | { readonly type: "tip-changed"; readonly data: TipChange }
  | { readonly type: "block-mined" | "block-received" | "transaction-accepted"; readonly data: unknown };

/** What a page is handed when it is opened. */
export interface PageContext {
  /** What stands behind the page's name in the address, decoded. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  /** Draws again what `render` gives. */
  readonly update: () => void;
  /** Loads again, soon, and draws. */
  readonly reload: () => void;
  /** Says something to who cannot see the page change. */
  readonly say: (text: string) => void;
}

export interface Page {
  readonly title: string;
  /** Asks the node for what the page shows. What it throws is shown in its place. */
  load(): Promise<void>;
  render(): TemplateResult;
  /** Events after which the page is loaded again. */
  readonly reloadOn?: readonly LiveEvent["type"][];
  /** And so often, ms, where no event tells. */
  readonly reloadEveryMs?: number;
  /** Hears every event that comes. */
  hear?(event: LiveEvent): void;
}

export interface PageModule {
  open(context: PageContext): Page;
}
