import * as z from "zod";
import { errorBody } from "../../../adapters/http/error-table.ts";
import type { NodeContext } from "../../../adapters/http/node-context.ts";
import { type Reply, refusal, text, value } from "../../../adapters/http/reply.ts";
import { route } from "../../../adapters/http/route.ts";
import { appAddress, recordKey } from "../../../core/rules/run-application.ts";
import type { Violation } from "../../../core/rules/violation.ts";
import { toCoins, toUnits, unitOf } from "../../http/coins.ts";
import { Consensus } from "../../http/consensus.ts";
import { mineNow } from "../../http/mine-now.ts";
import { addNode, originOf, otherNodes } from "../../http/other-nodes.ts";
import { perNode } from "../../http/per-node.ts";
import { submitFor } from "../../http/submit-for.ts";
import { WholeChain } from "../../http/whole-chain.ts";
import { decodeCoinTransfer, isKeyName } from "../payload.ts";
import { accountOfName, COIN, ownerRecord } from "../rules.ts";
import { coinAccountShape, coinChainShape, forgedShape, resolvedShape } from "./shapes.ts";
import { coinView } from "./views.ts";

/** Nodes that one request names. */
const NODES_MAX = 128;

const chainOf = perNode((node) => new WholeChain(node, coinView(unitOf(node))));
const consensusOf = perNode((node) => new Consensus(node));

/** Status 400 for whatever a rule says, since the clients know no other; with a message of their kind. */
function refused(message: string, code: "app-refused" | "bad-request", details: object = {}): Reply<never> {
  return {
    kind: "value",
    status: 400,
    value: { message, ...errorBody(code, message, { ...details }) } as never,
  };
}

function isMissing(body: unknown): boolean {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return false;
  return ["sender", "recipient", "amount"].some((field) => !Object.hasOwn(body, field));
}

function ruleText(violation: Violation, node: NodeContext): string | null {
  if (violation.code !== "app-refused") return null;
  const { reason, facts } = violation;
  if (reason === "not-yours")
    return `${facts.name} is spent from by the key ${facts.owner} alone, which this node does not hold`;
  if (reason !== "no-coins") return reason;
  const [balance, amount] = [facts.balance, facts.amount].map((units) =>
    toCoins(BigInt(units ?? 0), unitOf(node)),
  );
  return `${facts.name} has ${balance} coins, and ${amount} are to be paid`;
}

const transferRoute = route({
  method: "POST",
  path: "/coin/transactions/new",
  section: "coin",
  text: "{sender, recipient, amount}: signs a transfer with the sender's key in this node's keyring, or with the node's own where the sender is its identifier. `amount` is in coins; a coin is what a block rewards its finder with.",
  body: z.object({ sender: z.string(), recipient: z.string(), amount: z.number() }),
  bodyKind: "any-json",
  unfit: (body) => (isMissing(body) ? text("Missing values", 400) : null),
  status: 201,
  answer: z.object({ message: z.string() }),
  others: { 400: "`Missing values`; or a message that says what the sender has, or whose the name is." },
  errors: ["bad-request", "mempool-full", "over-free-relay", "sequence-too-far", "keyring-full"],
  handle: ({ body: { sender, recipient, amount } }, node: NodeContext) => {
    const units = toUnits(amount, unitOf(node));
    if (units === null)
      return refused(`amount: more than 0, in whole units of 1/${unitOf(node)} coin expected`, "bad-request");
    const payload = { from: sender, to: recipient, amount: units.toString() };
    const { fault } = decodeCoinTransfer(JSON.stringify(payload));
    if (fault !== null) return refused(fault, "bad-request");
    if (isKeyName(sender) && sender !== node.signer.publicKey)
      return refused(`${sender} is a key that this node does not hold`, "app-refused");
    const submitted = submitFor(node, sender, COIN.name, payload);
    if (submitted.facts === null) {
      const words = submitted.violation === null ? null : ruleText(submitted.violation, node);
      return words === null ? submitted.refused : refused(words, "app-refused", submitted.refused.details);
    }
    const index = node.host.machine.tip.header.height + 2;
    return value({ message: `Transaction will be added to Block ${index}` });
  },
});

const mineRoute = route({
  method: "GET",
  path: "/coin/mine",
  section: "coin",
  text: "Mines one block, also when nothing waits, and answers when it is there. Its finder is rewarded with one coin, and the fees.",
  answer: forgedShape,
  errors: ["mining-not-on-demand", "mining-took-too-long", "damaged-block"],
  handle: async (_asked, node: NodeContext) => {
    const mined = await mineNow(node, ({ header }) => header.miner === node.host.minerAccount);
    if (mined.refused !== null) return mined.refused;
    const transactions = node.queries.bodyOf(mined.block);
    if (transactions === null) return refusal("damaged-block");
    const { timestamp: _timestamp, ...shown } = coinView(unitOf(node))(mined.block, transactions);
    return value({ message: "New Block Forged", ...shown } as never);
  },
});

const chainRoute = route({
  method: "GET",
  path: "/coin/chain",
  section: "coin",
  text: "The whole chain as the coin's clients see it: blocks count from 1, amounts are in coins, rewards come from `0`.",
  isBusy: true,
  answer: coinChainShape,
  errors: ["damaged-block", "too-many-readers"],
  handle: ({ exchange }, node: NodeContext) =>
    chainOf(node).reply(
      exchange,
      () => '{"chain":[',
      ({ header }) => `],"length":${header.height + 1}}`,
    ),
});

const NO_LIST = "Error: Please supply a valid list of nodes";

const registerRoute = route({
  method: "POST",
  path: "/coin/nodes/register",
  section: "coin",
  text: "{nodes}: links with the nodes there, with a scheme or without. What a caller may have this node call: see `POST /peers`.",
  body: z.object({ nodes: z.array(z.string()).max(NODES_MAX) }),
  bodyKind: "any-json",
  unfit: () => text(NO_LIST, 400),
  status: 201,
  answer: z.object({ message: z.string(), total_nodes: z.array(z.string()) }),
  others: { 400: `\`${NO_LIST}\`.` },
  errors: ["too-many-peers", "address-not-allowed"],
  handle: async ({ body: { nodes }, exchange }, node: NodeContext) => {
    if (nodes.some((address) => originOf(address) === null)) return text(NO_LIST, 400);
    const added = await Promise.all(nodes.map((address) => addNode(node, exchange, address)));
    const broken = added.find((each) => each.refused !== null);
    if (broken !== undefined && broken.refused !== null) return broken.refused;
    const total = otherNodes(node).map((url) => new URL(url).host);
    return value({ message: "New nodes have been added", total_nodes: [...new Set(total)] });
  },
});

const resolveRoute = route({
  method: "GET",
  path: "/coin/nodes/resolve",
  section: "coin",
  text: "Makes sure that this node's chain is the best that its peers have. `Our chain was replaced`, with `new_chain`: since it was asked last, blocks of others came into it; else `Our chain is authoritative`, with `chain`.",
  answer: resolvedShape,
  errors: ["damaged-block", "too-many-readers"],
  handle: async ({ exchange }, node: NodeContext) => {
    const isReplaced = await consensusOf(node).resolve();
    const [message, field] = isReplaced
      ? ["Our chain was replaced", "new_chain"]
      : ["Our chain is authoritative", "chain"];
    return chainOf(node).reply(
      exchange,
      () => `{"message":${JSON.stringify(message)},"${field}":[`,
      () => "]}",
    );
  },
});

const accountRoute = route({
  method: "GET",
  path: "/coin/accounts/:name",
  section: "coin",
  text: "What a name has after the tip, in coins: {account, balance, owner}. `account` is its key in the ledger, `owner` the key that it is bound to, null as long as nobody spent from it.",
  params: z.object({ name: z.string() }),
  answer: coinAccountShape,
  errors: ["bad-request"],
  handle: ({ params: { name } }, node: NodeContext) => {
    const { tree, tip } = node.host.machine;
    const ledger = tree.ledgerAfter(tip);
    const account = accountOfName(name, (label) => appAddress(COIN.name, label, tree.transactionContext));
    const owner = isKeyName(name) ? name : ledger.recordOf(recordKey(COIN.name, ownerRecord(name)));
    return value({ account, balance: toCoins(ledger.accountOf(account).balance, unitOf(node)), owner });
  },
});

export const coinRoutes = [transferRoute, mineRoute, chainRoute, registerRoute, resolveRoute, accountRoute];
