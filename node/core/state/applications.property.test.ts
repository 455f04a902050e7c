import fc from "fast-check";
import { expect, test } from "vitest";
import { aChain, aCoinbase, aHeader, sha256 } from "../../../test/support/chain-fixtures.ts";
import { TILL, TOY_APPLICATIONS } from "../../../test/support/toy-application.ts";
import { NO_SIGNATURE } from "../chain/transaction-bytes.ts";
import type { TransactionFacts } from "../chain/transaction-facts.ts";
import { buildTemplate } from "../consensus/block-template.ts";
import { makeTransactionFacts } from "../rules/check-transaction.ts";
import { issuedCoins } from "../rules/genesis.ts";
import type { BlockEntry } from "./block-entry.ts";
import { BlockTree } from "./block-tree.ts";
import { chainChange } from "./fork-choice.ts";
import { applyDelta, type Ledger, ledgerDigest, recordsOf, totalCoins, undoDelta } from "./ledger.ts";
import { decodeLedger, encodeLedger, isOtherLedgerFormat } from "./ledger-bytes.ts";
import { Mempool } from "./mempool.ts";

const ACCOUNTS = ["11", "22", "33"].map((byte) => byte.repeat(32));
const MINER = "99".repeat(32);
const params = aChain({
  allocations: ACCOUNTS.map((account) => ({ account, amount: 40n })),
  blockReward: 7n,
});

const aPayload = fc.oneof(
  fc.nat(30).map((amount) => `put ${amount + 1}`),
  fc.nat(30).map((amount) => `take ${amount + 1}`),
  fc.tuple(fc.nat(2), fc.nat(9)).map(([key, text]) => `note k${key} t${text}`),
  fc.nat(2).map((key) => `clear k${key}`),
);

interface Draw {
  readonly sender: number;
  readonly fee: number;
  readonly payload: string | null;
}

/** Without a payload: a transfer to the next account. */
const aDraw: fc.Arbitrary<Draw> = fc.record({
  sender: fc.nat(ACCOUNTS.length - 1),
  fee: fc.nat(4),
  payload: fc.option(aPayload, { freq: 4 }),
});

function aTree(): BlockTree {
  const functions = { sha256, verify: () => true, applications: TOY_APPLICATIONS };
  return new BlockTree(params, { viewCount: 1, linkCountMax: 1 }, functions);
}

function factsOf(tree: BlockTree, { sender, fee, payload }: Draw, sequence: number): TransactionFacts {
  const body =
    payload === null
      ? ({ kind: "transfer", recipient: ACCOUNTS[(sender + 1) % 3] ?? "", amount: 3n } as const)
      : ({ kind: "app", app: TILL.name, payload } as const);
  const tx = { body, sender: ACCOUNTS[sender] ?? "", sequence, fee: BigInt(fee), signature: NO_SIGNATURE };
  return makeTransactionFacts(tx, tree.transactionContext);
}

/** What the toy's rules come to, with plain Maps that are copied: the oracle. */
class NaiveLedger {
  readonly coins: Map<string, bigint>;
  readonly sequences: Map<string, number>;
  readonly notes: Map<string, string>;

  constructor(from?: NaiveLedger) {
    this.coins = new Map(from?.coins ?? ACCOUNTS.map((account) => [account, 40n]));
    this.sequences = new Map(from?.sequences);
    this.notes = new Map(from?.notes);
  }

  of(account: string): bigint {
    return this.coins.get(account) ?? 0n;
  }

  add(account: string, amount: bigint): void {
    this.coins.set(account, this.of(account) + amount);
  }

  /** False, and nothing has changed, if it may not be. */
  spend({ tx, cost }: TransactionFacts): boolean {
    const { sender, body } = tx;
    if (tx.sequence !== (this.sequences.get(sender) ?? 0) || this.of(sender) < cost) return false;
    if (body.kind === "app" && !this.#run(sender, body.payload, tx.fee)) return false;
    this.add(sender, -cost);
    this.sequences.set(sender, tx.sequence + 1);
    if (body.kind === "transfer") this.add(body.recipient, body.amount);
    return true;
  }

  #run(sender: string, payload: string, fee: bigint): boolean {
    const [word = "", first = "", text = ""] = payload.split(" ");
    if (word === "put" || word === "take") {
      const amount = BigInt(first);
      const [source, target] = word === "put" ? [sender, "till"] : ["till", sender];
      if (this.of(source) - (source === sender ? fee : 0n) < amount) return false;
      this.add(source, -amount);
      this.add(target, amount);
      this.notes.set("till/last", `${word} ${sender.slice(0, 4)}`);
      return true;
    }
    const key = `till/note ${first}`;
    const note = this.notes.get(key);
    if (note !== undefined && !note.startsWith(sender)) return false;
    if (word === "clear") this.notes.delete(key);
    else this.notes.set(key, `${sender} ${text}`);
    return true;
  }
}

function expectSame(ledger: Ledger, naive: NaiveLedger, height: number): void {
  for (const account of ACCOUNTS) expect(ledger.accountOf(account).balance).toBe(naive.of(account));
  expect(new Map(recordsOf(ledger))).toEqual(naive.notes);
  expect(totalCoins(ledger)).toBe(issuedCoins(params, height));
}

/** A block on `parent` of those of the draws that the oracle lets pass. */
function aBlock(tree: BlockTree, parent: BlockEntry, naive: NaiveLedger, draws: readonly Draw[]) {
  const after = new NaiveLedger(naive);
  const chosen: TransactionFacts[] = [];
  for (const draw of draws) {
    const facts = factsOf(tree, draw, after.sequences.get(ACCOUNTS[draw.sender] ?? "") ?? 0);
    if (after.spend(facts)) chosen.push(facts);
  }
  const height = parent.header.height + 1;
  const coinbase = aCoinbase(params, height, chosen, { sender: MINER });
  after.add(MINER, coinbase.tx.body.kind === "coinbase" ? coinbase.tx.body.amount : 0n);
  const all = [coinbase, ...chosen];
  const entered = tree.enterMined(
    aHeader(parent, params, all, { miner: MINER, nonce: BigInt(tree.size) }),
    all,
  );
  if (!entered.ok) throw new Error(entered.violation.code);
  expect(tree.judge(entered.block)).toBeNull();
  return { block: entered.block, naive: after };
}

test("whatever branches grow, each ledger is what a naive replay makes of its chain; undone it is its parent's, and stored it is itself", () => {
  const steps = fc.array(fc.record({ parent: fc.nat(), draws: fc.array(aDraw, { maxLength: 8 }) }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const tree = aTree();
      const nodes = [{ block: tree.genesis, naive: new NaiveLedger() }];
      for (const { parent, draws } of list) {
        const at = nodes[parent % nodes.length];
        if (at !== undefined) nodes.push(aBlock(tree, at.block, at.naive, draws));
      }
      for (const { block, naive } of nodes) {
        const ledger = tree.ledgerAfter(block);
        const { height } = block.header;
        expectSame(ledger, naive, height);
        const place = { hash: block.hash, height };
        const bytes = encodeLedger(place, ledger, sha256);
        const { value } = decodeLedger(bytes, place, issuedCoins(params, height), ledger, sha256);
        expect(value === null ? "" : ledgerDigest(value, sha256)).toBe(ledgerDigest(ledger, sha256));
        if (block.parent === null || block.delta === null) continue;
        const before = tree.ledgerAfter(block.parent);
        expect(ledgerDigest(undoDelta(ledger, block.delta), sha256)).toBe(ledgerDigest(before, sha256));
        expect(ledgerDigest(applyDelta(before, block.delta), sha256)).toBe(ledgerDigest(ledger, sha256));
      }
    }),
    { numRuns: 60 },
  );
});

test("a transaction that its application refuses condemns the block, and leaves nothing behind in a template", () => {
  const tree = aTree();
  const refused = factsOf(tree, { sender: 0, fee: 0, payload: "take 5" }, 0);
  const all = [aCoinbase(params, 1, [refused]), refused];
  const entered = tree.enterMined(aHeader(tree.genesis, params, all), all);
  if (!entered.ok) throw new Error(entered.violation.code);
  expect(tree.judge(entered.block)).toEqual({
    code: "app-refused",
    id: refused.id,
    app: "till",
    reason: "no-coins",
    facts: { asked: "5" },
  });
  const unknown = makeTransactionFacts(
    { ...refused.tx, body: { kind: "app", app: "other", payload: "{}" } },
    tree.transactionContext,
  );
  expect(unknown.violation).toEqual({ code: "unknown-application", id: unknown.id, app: "other" });
  const malformed = factsOf(tree, { sender: 0, fee: 0, payload: "steal 5" }, 0);
  expect(malformed.violation).toMatchObject({ code: "bad-payload", reason: "a word of the till expected" });
});

test("whatever waits, and however the tip moves, a template is a valid block", () => {
  const steps = fc.array(
    fc.record({
      back: fc.nat(2),
      incoming: fc.array(fc.record({ draw: aDraw, ahead: fc.nat(2) }), { maxLength: 8 }),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(steps, (list) => {
      const tree = aTree();
      let tip = tree.genesis;
      const apps = { rules: tree.transactionContext, nextHeight: () => tip.header.height + 1 };
      const mempool = new Mempool(1_500, { apps });
      const mine = (parent: BlockEntry, pool: Mempool, nowUs: number): BlockEntry => {
        const { header, transactions } = buildTemplate(tree, parent, pool, MINER, nowUs);
        const entered = tree.enterMined({ ...header, nonce: BigInt(tree.size) }, transactions);
        if (!entered.ok) throw new Error(entered.violation.code);
        expect(tree.judge(entered.block)).toBeNull();
        return entered.block;
      };
      const moveTo = (to: BlockEntry) => {
        const change = chainChange(tip, to);
        tip = to;
        mempool.chainChanged(change, tree.ledgerAfter(to), 0);
      };
      for (const [at, { back, incoming }] of list.entries()) {
        const ledger = tree.ledgerAfter(tip);
        for (const { draw, ahead } of incoming) {
          const next = mempool.nextSequenceOf(ACCOUNTS[draw.sender] ?? "", ledger);
          mempool.add(factsOf(tree, draw, Math.max(0, next - 1 + ahead)), ledger, 0);
        }
        const nowUs = params.genesisTimeMs * 1_000 + at * 1_000_000;
        moveTo(mine(tip, mempool, nowUs));
        // A branch that leaves below and is longer takes over.
        let fork = tip;
        for (let down = 0; down < back && fork.parent !== null; down += 1) fork = fork.parent;
        if (back > 0) for (let up = 0; up <= back; up += 1) fork = mine(fork, new Mempool(10), nowUs + 1_000);
        if (fork !== tip) moveTo(fork);
      }
      const refused = [...mempool.inOrderOfArrival()].filter(({ violation }) => violation !== null);
      expect(refused).toEqual([]);
    }),
    { numRuns: 80 },
  );
});

test("an application's transaction is judged on top of those that wait, refused ones never wait, and what a reorganisation brings back stands before what was built on it", () => {
  const tree = aTree();
  let tip = tree.genesis;
  const apps = { rules: tree.transactionContext, nextHeight: () => tip.header.height + 1 };
  const mempool = new Mempool(100_000, { apps });
  const ledger = tree.ledgerAfter(tip);
  const put = factsOf(tree, { sender: 0, fee: 0, payload: "put 30" }, 0);
  const take = factsOf(tree, { sender: 1, fee: 0, payload: "take 30" }, 0);
  expect(mempool.add(take, ledger, 0)).toMatchObject({ code: "app-refused", reason: "no-coins" });
  const mined = aBlock(tree, tip, new NaiveLedger(), [{ sender: 0, fee: 0, payload: "put 30" }]);
  const before = tip;
  tip = mined.block;
  mempool.chainChanged(chainChange(before, tip), tree.ledgerAfter(tip), 0);
  expect(mempool.add(take, tree.ledgerAfter(tip), 0)).toBeNull();
  expect(
    mempool.add(factsOf(tree, { sender: 2, fee: 0, payload: "take 1" }, 0), tree.ledgerAfter(tip), 0),
  ).toMatchObject({
    code: "app-refused",
  });
  // The block with the deposit leaves; both come to wait, the deposit behind what takes it out.
  const side = aBlock(tree, tree.genesis, new NaiveLedger(), []);
  const longer = aBlock(tree, side.block, side.naive, []);
  const left = tip;
  tip = longer.block;
  mempool.chainChanged(chainChange(left, tip), tree.ledgerAfter(tip), 0);
  expect([...mempool.inOrderOfArrival()].map(({ id }) => id)).toEqual([take.id, put.id]);
  const chosen = mempool.select(tree.ledgerAfter(tip), 10_000).map(({ id }) => id);
  expect(chosen).toEqual([put.id, take.id]);
  // What nothing pays for any more leaves with the next tip.
  const other = aBlock(tree, tip, longer.naive, [{ sender: 0, fee: 0, payload: null }]);
  const last = tip;
  tip = other.block;
  mempool.chainChanged(chainChange(last, tip), tree.ledgerAfter(tip), 0);
  expect(mempool.count).toBe(0);
});

test("a replacement is judged without what it replaces, and transfers do not count on what applications take", () => {
  const tree = aTree();
  const apps = { rules: tree.transactionContext, nextHeight: () => 1 };
  const mempool = new Mempool(100_000, { apps });
  const ledger = tree.ledgerAfter(tree.genesis);
  expect(mempool.add(factsOf(tree, { sender: 0, fee: 1, payload: "put 38" }, 0), ledger, 0)).toBeNull();
  expect(mempool.add(factsOf(tree, { sender: 0, fee: 0, payload: null }, 1), ledger, 0)).toMatchObject({
    code: "no-cover",
  });
  expect(mempool.add(factsOf(tree, { sender: 0, fee: 2, payload: "put 37" }, 0), ledger, 0)).toBeNull();
  expect(mempool.count).toBe(1);
});

test("a ledger of an older layout is told from a damaged one", () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  expect(isOtherLedgerFormat(encode("forklab ledger 1\nrest"))).toBe(true);
  expect(isOtherLedgerFormat(encode("forklab ledger 2\nrest"))).toBe(false);
  expect(isOtherLedgerFormat(encode("anything"))).toBe(false);
});
