import Table from "cli-table3";
import { transactionToJson } from "../core/chain/transaction-json.ts";
import type { Coins, Hex, Transaction } from "../core/chain/types.ts";
import type { HistoryEntry, NodeClient } from "./node-client.ts";
import type { Output } from "./output.ts";
import {
  idOf,
  isSignedFor,
  readSigned,
  readUnsigned,
  signTransaction,
  unsignedText,
} from "./transaction-files.ts";
import { EXIT_BAD_INPUT, EXIT_REFUSED, WalletError } from "./wallet-error.ts";
import { accountOf, readKeys, unlockKeys, type WalletOptions } from "./wallet-file.ts";

/** Commands on what accounts own and do. All but `sign` ask a node. */

/** Entries of one page of a history. */
const PAGE_COUNT_MAX = 1_000;

export async function showBalance(
  who: string,
  client: NodeClient,
  options: WalletOptions,
  output: Output,
): Promise<void> {
  const account = accountOf(who, readKeys(options));
  const { balance, nextSequence, nextToSubmit, asOf } = await client.account(account, 1);
  const waitingCount = nextToSubmit - nextSequence;
  const waiting =
    waitingCount === 0 ? "" : `\n${waitingCount} of its transactions wait for a block and are not in it`;
  output.say(`${balance}${waiting}`, { account, balance, nextSequence, nextToSubmit, asOf });
}

export async function showHistory(
  who: string,
  count: number,
  client: NodeClient,
  options: WalletOptions,
  output: Output,
): Promise<void> {
  const keys = readKeys(options);
  const account = accountOf(who, keys);
  const entries: HistoryEntry[] = [];
  let before: string | null = null;
  do {
    const { history } = await client.account(
      account,
      Math.min(count - entries.length, PAGE_COUNT_MAX),
      before,
    );
    if (history === null)
      throw new WalletError(
        "the node was just started and still looks through its blocks; try again",
        EXIT_REFUSED,
      );
    entries.push(...history.entries);
    before = history.next;
  } while (before !== null && entries.length < count);
  const nameOf = new Map(keys.keys().map(({ name, publicKey }) => [publicKey, name]));
  output.say(
    historyTable(entries, (key) => nameOf.get(key) ?? key),
    { account, entries },
  );
}

export interface Sending {
  readonly from: string;
  readonly to: string;
  readonly amount: Coins;
  readonly fee: Coins;
  /** The chain that is meant; null: the node's. */
  readonly genesis: Hex | null;
  /** Print what is to be signed, and neither sign nor send it. */
  readonly unsigned: boolean;
}

export async function send(
  sending: Sending,
  client: NodeClient,
  options: WalletOptions,
  output: Output,
): Promise<void> {
  const { from, to, amount, fee } = sending;
  const known = readKeys(options);
  const [sender, recipient] = [accountOf(from, known), accountOf(to, known)];
  const genesis = await chainOf(client, sending.genesis);
  const { balance, nextToSubmit: sequence } = await client.account(sender, 1);
  if (amount + fee > balance)
    throw new WalletError(
      `${from} has ${balance}, and ${amount} with a fee of ${fee} are ${amount + fee}: nothing was sent`,
      EXIT_REFUSED,
    );
  const unsigned = { body: { kind: "transfer", recipient, amount } as const, sender, sequence, fee };
  if (sending.unsigned) {
    process.stdout.write(`${unsignedText(unsigned, genesis)}\n`);
    return;
  }
  const tx = await signAs(sender, unsigned, genesis, options);
  const id = idOf(tx);
  await client.submit(tx, id);
  output.say(`${amount} from ${from} to ${to}, fee ${fee}: waits for a block as\n${id}`, {
    id,
    transaction: transactionToJson(tx),
  });
}

/** Signs what a file holds, and prints it as `submit` and `POST /transactions` take it. Asks nobody. */
export async function signFile(
  path: string,
  given: { readonly from: string | null; readonly genesis: Hex | null },
  options: WalletOptions,
  output: Output,
): Promise<void> {
  const { genesis: told, sender: asked, ...unsigned } = readUnsigned(path);
  const genesis = given.genesis ?? told;
  if (genesis === undefined)
    throw new WalletError(
      `${path} does not say for which chain: give --genesis (npm run wallet -- status tells a node's)`,
      EXIT_BAD_INPUT,
    );
  if (told !== undefined && told !== genesis)
    throw new WalletError(`${path} is for the chain ${told}, and --genesis says ${genesis}`, EXIT_BAD_INPUT);
  const known = readKeys(options);
  const from = given.from === null ? null : accountOf(given.from, known);
  const sender = from ?? asked;
  if (sender === undefined) throw new WalletError(`${path} names no sender: give --from`, EXIT_BAD_INPUT);
  if (asked !== undefined && asked !== sender)
    throw new WalletError(`${path} is of the sender ${asked}, and --from says ${sender}`, EXIT_BAD_INPUT);
  const tx = await signAs(sender, unsigned, genesis, options);
  const json = transactionToJson(tx);
  const { kind, ...fields } = json.body;
  output.warn(
    `Signed for the chain ${genesis}: ${kind} ${JSON.stringify(fields)}, fee ${json.fee}, sequence ${json.sequence}`,
  );
  process.stdout.write(`${JSON.stringify(json)}\n`);
}

export async function submitFile(
  path: string,
  given: Hex | null,
  client: NodeClient,
  output: Output,
): Promise<void> {
  const tx = readSigned(path);
  const genesis = await chainOf(client, given);
  if (!isSignedFor(tx, genesis))
    throw new WalletError(
      `the signature in ${path} is not the sender's on the chain of ${client.url} (${genesis}): it was signed for another chain, or changed since`,
      EXIT_REFUSED,
    );
  const id = idOf(tx);
  await client.submit(tx, id);
  output.say(`waits for a block as\n${id}`, { id });
}

export async function showStatus(client: NodeClient, output: Output): Promise<void> {
  const { name, genesis, height } = await client.status();
  output.say(`${name} at ${client.url}\nchain  ${genesis}\nheight ${height}`, {
    name,
    url: client.url,
    genesis,
    height,
  });
}

/** The node's chain, which must be the one that is meant, if one is. */
async function chainOf(client: NodeClient, meant: Hex | null): Promise<Hex> {
  const { genesis } = await client.status();
  if (meant !== null && meant !== genesis)
    throw new WalletError(
      `wrong chain: the node at ${client.url} has the chain ${genesis}, and ${meant} is meant`,
      EXIT_REFUSED,
    );
  return genesis;
}

async function signAs(
  sender: Hex,
  unsigned: Omit<Transaction, "signature" | "sender">,
  genesis: Hex,
  options: WalletOptions,
): Promise<Transaction> {
  const holder = readKeys(options)
    .keys()
    .find(({ publicKey }) => publicKey === sender);
  if (holder === undefined)
    throw new WalletError(
      `${options.file} does not hold the secret of ${sender}, so it cannot sign for it`,
      EXIT_BAD_INPUT,
    );
  const signer = (await unlockKeys(options)).signerOf(holder.name);
  if (signer?.publicKey !== sender)
    throw new WalletError(`${options.file} has changed meanwhile; try again`, EXIT_REFUSED);
  return signTransaction(unsigned, genesis, signer);
}

function historyTable(entries: readonly HistoryEntry[], nameOf: (key: Hex) => string): string {
  if (entries.length === 0) return "nothing yet";
  const table = new Table({
    head: ["height", "time", "what", "amount", "fee", "with"],
    colAligns: ["right", "left", "left", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const { height, timeMs, kind, role, amount, fee, other } of entries)
    table.push([
      String(height),
      new Date(timeMs).toISOString(),
      `${role} ${kind}`,
      amount === null ? "" : String(amount),
      String(fee),
      other === null ? "" : nameOf(other),
    ]);
  return table.toString();
}
