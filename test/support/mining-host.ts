import type { MinerHost } from "../../node/adapters/mining/miner-host.ts";
import { hashHeader } from "../../node/core/chain/header-bytes.ts";
import { targetFromCompact } from "../../node/core/chain/target.ts";
import { buildTemplate } from "../../node/core/consensus/block-template.ts";
import type { ChainParameters } from "../../node/core/rules/parameters.ts";
import type { BlockEntry } from "../../node/core/state/block-entry.ts";
import { BlockTree } from "../../node/core/state/block-tree.ts";
import { Mempool } from "../../node/core/state/mempool.ts";
import { aChain, miner as account, sha256 } from "./chain-fixtures.ts";

/** A chain of its own that a miner works on: each block that it finds is the next tip. `foundAtUs` are the times of its finds. */
export class MiningHost implements MinerHost {
  readonly machine;
  readonly foundAtUs: number[] = [];
  /** To be told of each block, as a host tells its miner. */
  onTip: (tip: BlockEntry) => void = () => undefined;
  readonly #tree: BlockTree;

  constructor(chain: Partial<ChainParameters> = {}) {
    this.#tree = new BlockTree(
      aChain(chain),
      { viewCount: 1, linkCountMax: 1 },
      { sha256, verify: () => true },
    );
    this.machine = { tree: this.#tree, tip: this.#tree.genesis, mempool: new Mempool(1) };
  }

  template(nowUs: number) {
    const { tip, mempool } = this.machine;
    return buildTemplate(this.#tree, tip, mempool, account.publicKey, nowUs);
  }

  sealed(template: ReturnType<MinerHost["template"]>, nonce: bigint, nowUs: number) {
    const header = { ...template.header, nonce };
    const target = targetFromCompact(header.compactTarget) ?? 0n;
    const isHashed = this.#tree.parameters.seal === "hash";
    if (isHashed && BigInt(`0x${hashHeader(header, sha256)}`) > target)
      throw new Error("the hash is above the target");
    const entered = this.#tree.enterMined(header, template.transactions);
    if (!entered.ok) return entered.violation;
    this.#tree.judge(entered.block);
    this.machine.tip = entered.block;
    this.foundAtUs.push(nowUs);
    this.onTip(entered.block);
    return null;
  }
}

/** The times between finds, ms, the first from `startUs` on. */
export function intervalsMs(foundAtUs: readonly number[], startUs: number): number[] {
  return foundAtUs.map((atUs, index) => (atUs - (foundAtUs[index - 1] ?? startUs)) / 1_000);
}
