import type Router from "@koa/router";
import * as z from "zod";
import { encodingFault } from "../../core/chain/transaction-bytes.ts";
import type { Hex, Transaction } from "../../core/chain/types.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { Micros } from "../../core/support/micros.ts";
import type { Host } from "../../host/host.ts";
import { hex } from "../../schemas/decode.ts";
import { transactionSchema } from "../../schemas/transaction-schema.ts";
import { readBody, readJson, readQuery, refuse } from "./answer.ts";
import { blockJson, headerJson, transactionJson } from "./block-json.ts";
import { isErrorCode } from "./error-table.ts";
import type { NodeContext } from "./node-context.ts";

/** Blocks or transactions of one answer. */
const PAGE_COUNT_MAX = 1_000;
const PAGE_COUNT_DEFAULT = 100;

/** Blocks below the tip in which a transaction is looked for. */
const RECENT_BLOCKS = 500;

/** How long POST /mine looks for a block, ms. */
const MINE_DEADLINE_MS = 60_000;

const count = () =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: "a whole number expected" })
    .transform(Number);
const limit = () =>
  count()
    .refine((value) => value >= 1 && value <= PAGE_COUNT_MAX, { error: `1 to ${PAGE_COUNT_MAX} expected` })
    .optional();
const chainQuery = z.strictObject({ from: count().optional(), limit: limit() });
const mempoolQuery = z.strictObject({ limit: limit() });
const mineBody = z.strictObject({});

/** What the chain holds, and what is to go into it. */
export function addChainRoutes(router: Router, node: NodeContext): void {
  const { host } = node;
  const { machine } = host;

  router.get("/chain", (ctx) => {
    const query = readQuery(ctx, chainQuery);
    if (query === null) return;
    const { height } = machine.tip.header;
    const pageCount = query.limit ?? PAGE_COUNT_DEFAULT;
    const from = query.from ?? Math.max(0, height - pageCount + 1);
    const last = Math.min(height, from + pageCount - 1);
    const blocks = from > height ? [] : blocksBetween(machine.tip, from, last);
    ctx.body = {
      height,
      tip: machine.tip.hash,
      from,
      blocks: blocks.map((block) => headerJson(block, host.bodyOf(block, node.nowUs()))),
      next: last < height ? last + 1 : null,
    };
  });

  router.get("/blocks/:hash", (ctx) => {
    const hash = ctx.params.hash ?? "";
    if (!hex(32).safeParse(hash).success)
      return void refuse(ctx, "bad-request", "a hash is 64 digits of lower-case hex");
    const block = machine.tree.get(hash);
    if (block === null || block.heldCount === 0) return void refuse(ctx, "unknown-block");
    const transactions = host.bodyOf(block, node.nowUs());
    if (transactions === null) return void refuse(ctx, "damaged-block");
    ctx.body = blockJson(block, transactions, machine.tip);
  });

  router.get("/mempool", (ctx) => {
    const query = readQuery(ctx, mempoolQuery);
    if (query === null) return;
    const transactions = [];
    for (const facts of machine.mempool.inOrderOfArrival()) {
      if (transactions.length === (query.limit ?? PAGE_COUNT_DEFAULT)) break;
      transactions.push(transactionJson(facts));
    }
    ctx.body = { count: machine.mempool.count, bytes: machine.mempool.bytes, transactions };
  });

  router.get("/accounts/:account", (ctx) => {
    const account = ctx.params.account ?? "";
    if (!hex(32).safeParse(account).success)
      return void refuse(ctx, "bad-request", "an account is a public key of 64 digits of lower-case hex");
    const { balance, nextSequence } = machine.tree.ledgerAfter(machine.tip).accountOf(account);
    // After what waits in the mempool too: what the account's next transaction needs.
    const nextToSubmit = host.nextSequenceOf(account);
    ctx.body = { account, balance: balance.toString(), nextSequence, nextToSubmit, asOf: machine.tip.hash };
  });

  addTransactionRoutes(router, node);

  router.post("/mine", async (ctx) => {
    const json =
      ctx.request.length === 0 || ctx.request.length === undefined ? { value: {} } : await readJson(ctx);
    if (json === null) return;
    if (!mineBody.safeParse(json.value).success)
      return void refuse(ctx, "bad-request", "an empty object expected");
    if (node.mining.mode !== "demand")
      return void refuse(ctx, "mining-not-on-demand", `the mining mode is ${node.mining.mode}, not demand`);
    const block = await node.mining.mineOne(MINE_DEADLINE_MS);
    if (block === null) return void refuse(ctx, "mining-took-too-long");
    ctx.status = 201;
    ctx.body = blockJson(block, block.transactions ?? [], machine.tip);
  });
}

function addTransactionRoutes(router: Router, node: NodeContext): void {
  const { host } = node;
  const { machine } = host;

  router.post("/transactions", async (ctx) => {
    const tx: Transaction | null = await readBody(ctx, transactionSchema);
    if (tx === null) return;
    const fault = encodingFault(tx);
    if (fault !== null) return void refuse(ctx, "bad-request", fault);
    const facts = machine.tree.transactions.factsOf(tx);
    const violation = host.submit(facts, node.nowUs());
    if (violation === null) {
      ctx.status = 202;
      ctx.body = { id: facts.id };
      return;
    }
    const { code, ...details } = violation;
    const texts = Object.entries(details).map(([key, value]) => [
      key,
      typeof value === "bigint" ? value.toString() : value,
    ]);
    refuse(ctx, isErrorCode(code) ? code : "bad-payload", undefined, Object.fromEntries(texts));
  });

  router.get("/transactions/:id", (ctx) => {
    const id = ctx.params.id ?? "";
    if (!hex(32).safeParse(id).success)
      return void refuse(ctx, "bad-request", "an id is 64 digits of lower-case hex");
    const waiting = machine.mempool.get(id);
    if (waiting !== null) {
      ctx.body = { state: "waiting", block: null, confirmations: 0, transaction: transactionJson(waiting) };
      return;
    }
    const found = findRecent(host, id, node.nowUs());
    if (found === null) return void refuse(ctx, "unknown-transaction");
    const confirmations = machine.tip.header.height - found.block.header.height + 1;
    ctx.body = {
      state: "confirmed",
      block: found.block.hash,
      confirmations,
      transaction: transactionJson(found.facts),
    };
  });
}

/** Height ascending. */
function blocksBetween(tip: BlockEntry, from: number, last: number): BlockEntry[] {
  const blocks: BlockEntry[] = [];
  for (let at: BlockEntry | null = tip; at !== null && at.header.height >= from; at = at.parent)
    if (at.header.height <= last) blocks.push(at);
  return blocks.reverse();
}

function findRecent(host: Host, id: Hex, nowUs: Micros) {
  let at: BlockEntry | null = host.machine.tip;
  for (let left = RECENT_BLOCKS; at !== null && left > 0; at = at.parent, left -= 1) {
    const facts = host.bodyOf(at, nowUs)?.find((candidate) => candidate.id === id);
    if (facts !== undefined) return { block: at, facts };
  }
  return null;
}
