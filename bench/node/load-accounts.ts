import { signerFromSeed as signer, type signerFromSeed } from "../../node/adapters/node-crypto.ts";
import { signingBytes } from "../../node/core/chain/transaction-bytes.ts";

/** Accounts of the load, and how many transactions each may have waiting: a few less than a mempool takes of one. */
export const ACCOUNT_COUNT = 400;
export const PER_ACCOUNT = 120;

export function loadSigner(account: number): ReturnType<typeof signerFromSeed> {
  return signer(`bench ${account}`);
}

/** A chain of drawn blocks whose coins these accounts have. */
export function loadChain() {
  const allocations = Array.from({ length: ACCOUNT_COUNT }, (_, account) => ({
    account: loadSigner(account).publicKey,
    amount: "1000000",
  }));
  return {
    name: "bench",
    seal: "drawn",
    initialCompactTarget: 0x1f00ffff,
    difficultyRule: { kind: "fixed" },
    genesisTimeMs: 1_735_689_600_000,
    allocations,
    blockReward: "50",
    blockBytesMax: 1_000_000,
    futureLimitMs: 7_200_000,
  };
}

/** Signed transfers as JSON, every account's in the order of their sequence, the accounts in turn. */
export function signedTransfers(count: number, genesis: string, firstSequence = 0): string[] {
  const signers = Array.from({ length: Math.min(count, ACCOUNT_COUNT) }, (_, account) => loadSigner(account));
  return Array.from({ length: count }, (_, at) => {
    const from = signers[at % signers.length];
    const to = signers[(at + 1) % signers.length];
    if (from === undefined || to === undefined) throw new Error("no accounts");
    const body = { kind: "transfer", recipient: to.publicKey, amount: 10n } as const;
    const sequence = firstSequence + Math.floor(at / signers.length);
    const unsigned = { body, sender: from.publicKey, sequence, fee: 1n };
    const signature = from.sign(signingBytes(unsigned, genesis));
    return JSON.stringify({ ...unsigned, signature }, (_key, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
  });
}
