import { signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { signingBytes } from "../../node/core/chain/transaction-bytes.ts";
import type { TransactionBody } from "../../node/core/chain/types.ts";
import { chainJson, NodeUnderTest, Scratch, until } from "../support/live-process.ts";

/** Has coins from genesis on. */
export const ALICE = signerFromSeed("alice");
export const ALICE_COINS = 1_000_000n;

/** Nodes that mine when they are asked to, each linked with all others. */
export class PageNetwork {
  readonly nodes: readonly NodeUnderTest[];
  readonly #names: readonly string[];
  readonly #scratch: Scratch;

  private constructor(nodes: readonly NodeUnderTest[], names: readonly string[], scratch: Scratch) {
    this.nodes = nodes;
    this.#names = names;
    this.#scratch = scratch;
  }

  static async start(names: readonly string[], ...flags: string[]): Promise<PageNetwork> {
    const scratch = new Scratch();
    const allocations = [{ account: ALICE.publicKey, amount: String(ALICE_COINS) }];
    const chain = scratch.json("chain.json", chainJson({ allocations }));
    const nodes: NodeUnderTest[] = [];
    for (const name of names) {
      const peers = nodes.flatMap(({ url }) => ["--peer", url]);
      const own = ["--name", name, "--dir", scratch.dir(name), "--chain", chain, "--log-level", "warn"];
      nodes.push(
        await NodeUnderTest.start([...own, "--mine", "demand", "--client-rate", "0/s", ...peers, ...flags]),
      );
    }
    const network = new PageNetwork(nodes, names, scratch);
    for (const node of nodes)
      await until(async () => ((await node.status()).peers.up === names.length - 1 ? true : null));
    return network;
  }

  at(index: number): NodeUnderTest {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`no node ${index}`);
    return node;
  }

  async mine(index: number): Promise<string> {
    const { body } = await this.at(index).send("POST", "/mine", {});
    return String(body.hash);
  }

  /** Waits until these nodes, or all, have this tip. */
  async agree(tip: string, indices: readonly number[] = [...this.nodes.keys()]): Promise<void> {
    for (const index of indices)
      await until(async () => ((await this.at(index).status()).tip === tip ? true : null));
  }

  /** Nothing passes any more between these and the other nodes. */
  async part(indices: readonly number[]): Promise<void> {
    await this.#cut(true, indices);
  }

  async heal(): Promise<void> {
    await this.#cut(false, []);
  }

  /** All links that are cut are cut from both ends; the others, or all of them, are mended. */
  async #cut(cut: boolean, side: readonly number[]): Promise<void> {
    for (const [index, node] of this.nodes.entries()) {
      const isApart = (other: number) => side.includes(other) !== side.includes(index);
      const links = this.#names.map((name, other) => [name, { cut: cut && isApart(other) }] as const);
      const others = Object.fromEntries(links.filter((_, other) => other !== index));
      await node.control("PUT", "/control/links", { links: others });
    }
  }

  /** Alice signs and submits; the id. */
  async submit(index: number, body: TransactionBody): Promise<string> {
    const node = this.at(index);
    const account = await node.get<{ nextToSubmit: number }>(`/accounts/${ALICE.publicKey}`);
    const unsigned = { body, sender: ALICE.publicKey, sequence: account.nextToSubmit, fee: 1n };
    const signed = { ...unsigned, signature: ALICE.sign(signingBytes(unsigned, node.genesis)) };
    const text = JSON.stringify(signed, (_key, value) => (typeof value === "bigint" ? String(value) : value));
    const answer = await node.send("POST", "/transactions", JSON.parse(text));
    if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
    return String(answer.body.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
    this.#scratch[Symbol.dispose]();
  }
}
