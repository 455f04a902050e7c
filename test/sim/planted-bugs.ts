import { merkleRoot } from "../../node/core/chain/merkle.ts";
import { checkBlockBody } from "../../node/core/rules/check-block.ts";
import { makeTransactionFacts } from "../../node/core/rules/check-transaction.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import { applyDelta, Ledger } from "../../node/core/state/ledger.ts";
import type { Message } from "../../node/core/state/messages.ts";
import type { FoundBlock } from "../../node/host/restore-chain.ts";
import { SimDisk } from "../../runner/backends/sim/sim-disk.ts";
import { SimStore } from "../../runner/backends/sim/sim-store.ts";
import type { PlantedBug } from "./run-scenario.ts";
import { FUNCTIONS, type World } from "./world.ts";

/** A disk that says yes and keeps nine of ten blocks. */
class LossyStore extends SimStore {
  #appended = 0;

  override append(view: number, block: BlockEntry): void {
    if (++this.#appended % 10 !== 0) super.append(view, block);
  }
}

export const FORGETS_A_STORED_BLOCK: PlantedBug = { storeOf: (nodeCount) => new LossyStore(nodeCount) };

/** Says that a block is kept when it was only handed over; it is synced with the next one. */
class WriteBehindDisk extends SimDisk {
  override append(view: number, block: BlockEntry): void {
    this.sync(view);
    this.write(view, block);
  }
}

export const ACKNOWLEDGES_BEFORE_IT_WRITES: PlantedBug = {
  diskOf: (nodeCount, prng) => new WriteBehindDisk(nodeCount, prng),
};

/** A start that does not look at checksums. */
class TrustingDisk extends SimDisk {
  override found(view: number): readonly FoundBlock[] {
    return super.found(view).map(({ block }) => ({ block, hasBody: true }));
  }
}

export const TAKES_TORN_RECORDS_FOR_WHOLE: PlantedBug = {
  diskOf: (nodeCount, prng) => new TrustingDisk(nodeCount, prng),
};

/** Node 0 pays itself one coin too many in every third block, and no node minds. */
export const ACCEPTS_A_WRONG_COINBASE: PlantedBug = {
  onStart: ({ simulation }) => {
    const { tree } = simulation;
    const host = simulation.host(0);
    const template = host.template.bind(host);
    host.template = (nowUs) => {
      const honest = template(nowUs);
      const [coinbase, ...rest] = honest.transactions;
      if (coinbase?.tx.body.kind !== "coinbase" || honest.header.height % 3 !== 0) return honest;
      const body = { ...coinbase.tx.body, amount: coinbase.tx.body.amount + 1n };
      const greedy = makeTransactionFacts({ ...coinbase.tx, body }, tree.transactionContext);
      const transactions = [greedy, ...rest];
      const ids = transactions.map(({ id }) => id);
      return { header: { ...honest.header, merkleRoot: merkleRoot(ids, FUNCTIONS.sha256) }, transactions };
    };
    const judge = tree.judge.bind(tree);
    tree.judge = (block) => {
      const { parent, transactions } = block;
      if (block.judged || parent === null || transactions === null) return judge(block);
      const params = { ...tree.parameters, blockReward: tree.parameters.blockReward + 1n };
      const before = tree.ledgerAfter(parent);
      const { delta } = checkBlockBody(block.header, transactions, before, params, tree.transactionContext);
      if (delta === null) return judge(block);
      block.judged = true;
      block.delta = delta;
      block.ledger = applyDelta(before, delta);
      return null;
    };
  },
};

/** From the healing on every third message is lost, and nobody is told. */
export const DROPS_MESSAGES_AFTER_HEALING: PlantedBug = {
  onHealed: ({ simulation: { transport } }: World) => {
    let sent = 0;
    const send = transport.send.bind(transport);
    transport.send = (view: number, link: number, message: Message) => {
      if (++sent % 3 !== 0) send(view, link, message);
    };
    transport.sendToMany = (view, firstLink, linkBits, message) => {
      for (let bit = 0; bit < 32; bit++)
        if (((linkBits >>> bit) & 1) === 1) transport.send(view, firstLink + bit, message);
    };
  },
};

/** After every fifth block its miner has one coin more than it earned. */
export const MISCOUNTS_COINS: PlantedBug = {
  onStart: ({ simulation: { tree } }) => {
    const ledgerAfter = tree.ledgerAfter.bind(tree);
    tree.ledgerAfter = (block) => {
      const ledger = ledgerAfter(block);
      const account = ledger.index.find(block.header.miner);
      if (block.header.height % 5 !== 4 || account === undefined) return ledger;
      const { balance, nextSequence } = ledger.accountOf(block.header.miner);
      const accounts = ledger.accounts.with(account, { balance: balance + 1n, nextSequence });
      return new Ledger(ledger.index, accounts, ledger.records);
    };
  },
};
