import { isDeepStrictEqual } from "node:util";
import type { NodeContext } from "../../adapters/http/node-context.ts";
import { decodeBlock } from "../../core/chain/block-bytes.ts";
import { hashHeader } from "../../core/chain/header-bytes.ts";
import { isHex } from "../../core/chain/hex.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import type { RenderBlock, ViewedBlock } from "./block-views.ts";
import { waitFor } from "./wait-for.ts";

/** How long peers are given to bring a block that was offered by its hash alone, ms. */
const FETCH_MS_MAX = 5_000;

/** Bytes of a request that offers a block, besides twice what a block may have: its view, and its canonical bytes as text. */
export function offeredBytesMax({ host }: NodeContext): number {
  return 4 * host.machine.tree.parameters.blockBytesMax + 64 * 1024;
}

/** What the clients of an application know of a block: how it is rendered, and the fields that every view of it must have. */
export interface BlockView {
  readonly render: RenderBlock;
  readonly fields: readonly string[];
}

/**
 * Takes in a block as another node's view shows it; null when it is on the best chain now, or why not. The view must be that of the very block:
 * what was changed in it is no view of anything.
 */
export async function takeOffered(
  node: NodeContext,
  offered: unknown,
  view: BlockView,
): Promise<string | null> {
  if (typeof offered !== "object" || offered === null) return "no block";
  const fields = new Map(Object.entries(offered));
  const canonical = fields.get("canonical");
  const outcome =
    typeof canonical === "string"
      ? takeBytes(node, Buffer.from(canonical, "base64"), fields, view)
      : await takeByHash(node, fields, view);
  if (typeof outcome === "string") return outcome;
  const { tip } = node.host.machine;
  return node.queries.ancestorAt(tip, outcome.header.height) === outcome ? null : "not-on-the-best-chain";
}

type Fields = ReadonlyMap<string, unknown>;

function takeBytes(
  node: NodeContext,
  bytes: Uint8Array,
  fields: Fields,
  view: BlockView,
): BlockEntry | string {
  const { host, nowUs } = node;
  const { transactions, transactionContext } = host.machine.tree;
  const { value, fault } = decodeBlock(bytes);
  if (value === null) return `canonical: ${fault}`;
  const hash = hashHeader(value.header, transactionContext.sha256);
  const body = value.transactions.map((tx) => transactions.factsOf(tx));
  const difference = differenceOf(view, fields, { hash, header: value.header }, body);
  if (difference !== null) return difference;
  const { held, reason } = host.offered(value, nowUs());
  return held ?? reason;
}

async function takeByHash(node: NodeContext, fields: Fields, view: BlockView): Promise<BlockEntry | string> {
  const hash = fields.get("hash");
  if (typeof hash !== "string" || !isHex(hash, 32)) return "hash: 64 digits of lower-case hex expected";
  const { machine } = node.host;
  const find = () => {
    const block = machine.tree.get(hash);
    return block !== null && block.heldCount > 0 ? block : null;
  };
  if (find() === null && node.peers.list().some(({ up }) => up)) {
    machine.askForNews();
    await waitFor(node, () => find() !== null, FETCH_MS_MAX);
  }
  const block = find();
  if (block === null) return "unknown-block";
  const body = node.queries.bodyOf(block);
  return body === null ? "damaged-block" : (differenceOf(view, fields, block, body) ?? block);
}

function differenceOf(
  { render, fields: names }: BlockView,
  fields: Fields,
  block: ViewedBlock,
  transactions: Parameters<RenderBlock>[1],
): string | null {
  const shown = render(block, transactions);
  const other = names.find((name) => !isDeepStrictEqual(fields.get(name), shown[name]));
  return other === undefined ? null : `${other}: not what the block says`;
}
