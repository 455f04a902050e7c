import { signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { NO_SIGNATURE, signingBytes } from "../../node/core/chain/transaction-bytes.ts";
import type { Signer } from "../../node/ports/crypto.ts";
import type { NodeUnderTest } from "../support/live-process.ts";

/** Accounts that have coins from the start. */
export const PAYERS: readonly Signer[] = Array.from({ length: 4 }, (_, index) =>
  signerFromSeed(`payer ${index}`),
);

/** Submits transfers of one account to a node, one after the other, until it does not answer any more. */
export async function submitUntilDead(node: NodeUnderTest, payer: Signer): Promise<void> {
  try {
    const account = await node.get<{ nextToSubmit: number }>(`/accounts/${payer.publicKey}`);
    for (let sequence = account.nextToSubmit; ; sequence += 1) {
      const body = { kind: "transfer", recipient: payer.publicKey, amount: 1n } as const;
      const unsigned = { body, sender: payer.publicKey, sequence, fee: 1n, signature: NO_SIGNATURE };
      const signature = payer.sign(signingBytes(unsigned, node.genesis));
      const json = { ...unsigned, signature, fee: "1", body: { ...body, amount: "1" } };
      const { status } = await node.send("POST", "/transactions", json);
      // A reorganisation may have taken back what this one follows; whoever waits for a block goes on all the same.
      if (status !== 202)
        sequence =
          (await node.get<{ nextToSubmit: number }>(`/accounts/${payer.publicKey}`)).nextToSubmit - 1;
    }
  } catch (error) {
    // The node was killed: a request breaks off, or its answer does.
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
  }
}
