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
  readonly #scratch: Scratch;

  private constructor(nodes: readonly NodeUnderTest[], scratch: Scratch) {
    this.nodes = nodes;
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
    const network = new PageNetwork(nodes, scratch);
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

  /** All nodes have this tip. */
  async agree(tip: string): Promise<void> {
    for (const node of this.nodes) await until(async () => ((await node.status()).tip === tip ? true : null));
  }

  /** Nothing passes any more between the nodes, or it does again. */
  async cut(cut: boolean): Promise<void> {
    for (const node of this.nodes) await node.control("PUT", "/control/links", { default: { cut } });
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
