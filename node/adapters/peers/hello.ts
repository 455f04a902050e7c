import { randomBytes } from "node:crypto";
import type { BlockTree } from "../../core/state/block-tree.ts";
import type { HelloOutcome } from "../../ports/peer-directory.ts";
import type { Hello } from "../../schemas/hello-schema.ts";

/** Of the hello, the frames and their layout, and of what a chain carries: kinds of transactions and applications. Nodes of different versions refuse each other. */
export const PROTOCOL_VERSION = 2;

/** Who this node is, and whom it does not speak with. */
export class Identity {
  /** Where peers reach this node; known once it listens. */
  url = "";
  readonly #name: string;
  readonly #tree: BlockTree;
  readonly #instance = randomBytes(16).toString("hex");

  constructor(name: string, tree: BlockTree) {
    this.#name = name;
    this.#tree = tree;
  }

  hello(session: string): Hello {
    const { name, seal } = this.#tree.parameters;
    return {
      version: PROTOCOL_VERSION,
      name: this.#name,
      url: this.url,
      genesis: this.#tree.genesis.hash,
      chain: { name, seal },
      instance: this.#instance,
      session,
    };
  }

  /** Why a peer that says this is refused; null if it is not. */
  refusalOf(theirs: Hello): (HelloOutcome & { readonly ok: false }) | null {
    const mine = this.hello(theirs.session);
    if (theirs.version !== mine.version) {
      const reason = `protocol version ${theirs.version}, ${mine.version} here`;
      return { ok: false, code: "different-version", reason };
    }
    if (theirs.genesis !== mine.genesis)
      return {
        ok: false,
        code: "different-chain",
        reason: `different chain: ${chainOf(mine)}; ${chainOf(theirs)}`,
        details: { genesis: mine.genesis, peerGenesis: theirs.genesis },
      };
    if (theirs.instance === mine.instance)
      return { ok: false, code: "self", reason: "this is the node itself" };
    if (theirs.name === mine.name)
      return { ok: false, code: "name-taken", reason: `this node is called ${mine.name} too` };
    return null;
  }
}

export function newSession(): string {
  return randomBytes(16).toString("hex");
}

function chainOf(hello: Hello): string {
  return `${hello.name} has "${hello.chain.name}" with seal ${hello.chain.seal}, genesis ${hello.genesis}`;
}
