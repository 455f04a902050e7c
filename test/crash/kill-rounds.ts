import { setTimeout } from "node:timers/promises";
import { Prng } from "../../node/core/support/prng.ts";
import { chainJson, NodeUnderTest, Scratch, spawnNode, until } from "../support/live-process.ts";
import { PAYERS, submitUntilDead } from "./load.ts";
import { Told } from "./told.ts";

export interface KillRounds {
  /** What must not happen, in words. */
  readonly findings: readonly string[];
  readonly killCount: number;
  readonly toldBlocks: number;
  readonly toldTransactions: number;
}

/** Blocks that a life goes on for, at most, before it is killed; and a moment more, so that no kill is tied to an event. */
const NEWS_MAX = 12;
const MOMENT_MS_MAX = 60;

/** For blocks that come several times a second; the machine may be busy with other tests. */
const PATIENCE_MS = 60_000;

/** One start in so many is killed as well, at a moment of its first half second. */
const KILLED_STARTS = 5;

const NAMES = ["a", "b"] as const;

/**
 * Kills two linked nodes that mine and take transactions, both together so that none can have from the other what it lost, at random moments until
 * `killCount` processes were killed; after each round looks that both start, and have from their own disks all blocks they ever told of.
 */
export async function killRounds(
  killCount: number,
  seed: string,
  onRound: (killed: number) => void = () => undefined,
): Promise<KillRounds> {
  using scratch = new Scratch();
  const moments = new Prng(seed).stream("moments");
  const pair = new Pair(scratch);
  let killed = 0;
  while (killed < killCount && pair.findings.length === 0) {
    const nodes = await pair.start();
    const told = nodes.map((node) => new Told(node));
    const load = nodes.flatMap((node, index) =>
      PAYERS.filter((_, payer) => payer % NAMES.length === index).map((payer) =>
        submitUntilDead(node, payer),
      ),
    );
    const newsCount = moments.integer(NEWS_MAX);
    // The load has begun to arrive in blocks; from then on so many more.
    await until(() => (told.some(({ hasTransactions }) => hasTransactions) ? true : null), PATIENCE_MS);
    const before = told.map(({ hashes }) => hashes.size);
    await until(
      () =>
        told.every(({ hashes }, index) => hashes.size >= (before[index] ?? 0) + newsCount) ? true : null,
      PATIENCE_MS,
    );
    await setTimeout(moments.integer(MOMENT_MS_MAX));
    for (const { child } of nodes) child.kill("SIGKILL");
    await Promise.all([...nodes.map(({ exited }) => exited), ...told.map((each) => each.ended()), ...load]);
    killed += nodes.length;
    pair.remember(told);
    if (moments.integer(KILLED_STARTS) === 0) {
      await pair.killStart(moments.integer(500));
      killed += 1;
    }
    onRound(killed);
  }
  await pair.checkAll();
  return {
    findings: pair.findings,
    killCount: killed,
    toldBlocks: pair.toldBlocks,
    toldTransactions: pair.toldTransactions,
  };
}

/** Two nodes through all their lives. */
class Pair {
  readonly findings: string[] = [];
  toldTransactions = 0;
  readonly #scratch: Scratch;
  /** By node, over all its lives. */
  readonly #hashes = NAMES.map(() => new Set<string>());
  readonly #transactionIds = new Map<string, readonly string[]>();
  /** By node, of its last life. */
  #recent: readonly ReadonlySet<string>[] = [];

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  get toldBlocks(): number {
    return this.#hashes.reduce((sum, { size }) => sum + size, 0);
  }

  /** Both again, linked, with all that they ever told of. */
  async start(): Promise<NodeUnderTest[]> {
    const a = await NodeUnderTest.start(this.#flags("a"));
    const b = await NodeUnderTest.start([...this.#flags("b"), "--peer", a.url]).catch((error: unknown) => {
      a.child.kill("SIGKILL");
      throw error;
    });
    const nodes = [a, b];
    for (const [index, node] of nodes.entries()) {
      this.#checkLog(index, node);
      for (const hash of this.#recent[index] ?? []) await this.#checkBlock(index, node, hash);
    }
    return nodes;
  }

  remember(told: readonly Told[]): void {
    for (const [index, { hashes, transactionIds }] of told.entries()) {
      for (const hash of hashes) this.#hashes[index]?.add(hash);
      for (const [hash, ids] of transactionIds) {
        this.#transactionIds.set(hash, ids);
        this.toldTransactions += ids.length;
      }
    }
    this.#recent = told.map(({ hashes }) => hashes);
  }

  /** Kills the first node so soon after its start that it may not be ready. */
  async killStart(afterMs: number): Promise<void> {
    const { child, exited } = spawnNode(this.#flags("a"));
    await setTimeout(afterMs);
    child.kill("SIGKILL");
    await exited;
  }

  /** Every block that was ever told of, once more, from nodes that know nobody. */
  async checkAll(): Promise<void> {
    for (const [index, name] of NAMES.entries()) {
      await using node = await NodeUnderTest.start(this.#flags(name));
      for (const hash of this.#hashes[index] ?? []) await this.#checkBlock(index, node, hash);
    }
  }

  #checkLog(index: number, { stderr }: NodeUnderTest): void {
    const restored = Number(/"restoredCount":(\d+)/.exec(stderr)?.[1] ?? Number.NaN);
    const told = this.#hashes[index]?.size ?? 0;
    if (!(restored >= told))
      this.findings.push(`node ${NAMES[index]} came back with ${restored} blocks and had told of ${told}`);
    for (const word of ["damage-found", "blocks-are-fetched-again"])
      if (stderr.includes(word)) this.findings.push(`node ${NAMES[index]} says ${word}: ${stderr}`);
  }

  async #checkBlock(index: number, node: NodeUnderTest, hash: string): Promise<void> {
    const answer = await fetch(`${node.url}/blocks/${hash}`);
    const block = (await answer.json()) as { transactions?: readonly { id: string }[] };
    if (answer.status !== 200) {
      this.findings.push(`node ${NAMES[index]} has lost block ${hash}: ${answer.status}`);
      return;
    }
    const held = new Set(block.transactions?.map(({ id }) => id));
    for (const id of this.#transactionIds.get(hash) ?? [])
      if (!held.has(id))
        this.findings.push(`node ${NAMES[index]} has lost transaction ${id} of block ${hash}`);
  }

  #flags(name: (typeof NAMES)[number]): string[] {
    const allocations = PAYERS.map(({ publicKey }) => ({ account: publicKey, amount: "1000000" }));
    const chain = this.#scratch.json("chain.json", chainJson({ allocations }));
    const dir = this.#scratch.dir(name);
    return [
      ...["--name", name, "--dir", dir, "--chain", chain, "--key-seed", name],
      ...["--mine", "continuous", "--hash-rate", "6kH/s", "--log-level", "info"],
    ];
  }
}
