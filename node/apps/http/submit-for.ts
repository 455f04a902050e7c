import type { NodeContext } from "../../adapters/http/node-context.ts";
import { type Refusal, refusal } from "../../adapters/http/reply.ts";
import { ruleRefusal } from "../../adapters/http/routes/transaction-routes.ts";
import { signingBytes } from "../../core/chain/transaction-bytes.ts";
import type { TransactionFacts } from "../../core/chain/transaction-facts.ts";
import type { Violation } from "../../core/rules/violation.ts";
import type { Signer } from "../../ports/crypto.ts";
import { noteHandedIn } from "./tell-peers.ts";

export type Submitted =
  | { readonly facts: TransactionFacts; readonly violation: null; readonly refused: null }
  /** The rule that it breaks; null where it came to no transaction at all. */
  | { readonly facts: null; readonly violation: Violation | null; readonly refused: Refusal };

/** The key with which this node signs for a name: its own for its own, else that of the keyring. */
function signerOf(node: NodeContext, name: string): Signer | { readonly error: string } {
  return name === node.signer.publicKey ? node.signer : node.keyring.signerOf(name);
}

/** Signs a payload for a client that holds no key, and takes it in like any other transaction. */
export function submitFor(node: NodeContext, name: string, app: string, payload: object): Submitted {
  const signer = signerOf(node, name);
  if ("error" in signer)
    return { facts: null, violation: null, refused: refusal("keyring-full", signer.error) };
  const { host, nowUs } = node;
  const { tree } = host.machine;
  const unsigned = {
    body: { kind: "app", app, payload: JSON.stringify(payload) } as const,
    sender: signer.publicKey,
    sequence: host.nextSequenceOf(signer.publicKey),
    fee: 0n,
  };
  const signature = signer.sign(signingBytes(unsigned, tree.genesis.hash));
  const facts = tree.transactions.factsOf({ ...unsigned, signature });
  const violation = host.submit(facts, nowUs());
  if (violation !== null) return { facts: null, violation, refused: ruleRefusal(violation) };
  noteHandedIn(node, facts);
  return { facts, violation, refused: null };
}
