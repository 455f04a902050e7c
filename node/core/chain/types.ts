/** Lower-case hexadecimal text of bytes. Hashes, keys and transaction ids are 64 digits, signatures 128. */
export type Hex = string;

/** Count of the smallest unit of the coin; never negative. */
export type Coins = bigint;

/**
 * What a block commits to. `header-bytes.ts` gives the 119 bytes it is hashed as.
 * The block's hash is the SHA-256 of those bytes.
 */
export interface Header {
  readonly version: number;
  /** Genesis has height 0. */
  readonly height: number;
  readonly parentHash: Hex;
  readonly merkleRoot: Hex;
  /** Milliseconds on the miner's clock. */
  readonly timeMs: number;
  /** The target in Bitcoin's compact form ("nBits"): one byte of length, three bytes of mantissa. */
  readonly compactTarget: number;
  /** Public key of the account that is rewarded. */
  readonly miner: Hex;
  /** 64 bits, unsigned. The last field, so that a miner hashes one 64-byte chunk a try. */
  readonly nonce: bigint;
}

/**
 * What a transaction does. `coinbase` creates the coins of a block and is the first transaction of each block but genesis;
 * `transfer` moves coins; `post` carries text and moves nothing but its fee; `app` is for an application of the chain (`rules/application.ts`), which alone
 * knows what its payload means.
 */
export type TransactionBody =
  | { readonly kind: "coinbase"; readonly amount: Coins }
  | { readonly kind: "transfer"; readonly recipient: Hex; readonly amount: Coins }
  | { readonly kind: "post"; readonly text: string }
  | {
      readonly kind: "app";
      /** The application's name: 1 to 16 of a-z, 0-9 and -. */
      readonly app: string;
      /** The text of a JSON object, exactly as its signer wrote it. */
      readonly payload: string;
    };

export interface Transaction {
  readonly body: TransactionBody;
  /** Public key of the account that pays and signs; for a coinbase the miner's, which is paid. */
  readonly sender: Hex;
  /** 0 for an account's first transaction, then one more each: no transaction can be replayed. A coinbase has the height of its block. */
  readonly sequence: number;
  readonly fee: Coins;
  /** Ed25519 over the transaction's bytes without this field; 64 zero bytes in a coinbase. */
  readonly signature: Hex;
}

export interface Block {
  readonly header: Header;
  /** In the order of the Merkle tree's leaves; the coinbase first. Genesis has none. */
  readonly transactions: readonly Transaction[];
}
