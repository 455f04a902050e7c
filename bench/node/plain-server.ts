import { createPublicKey, verify } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { NodeCrypto } from "../../node/adapters/node-crypto.ts";
import { encodeTransaction, signingBytes } from "../../node/core/chain/transaction-bytes.ts";

/**
 * The plain way, on bare node:http without a framework: a transaction is parsed, its key too, its signature checked, and it is put in a Map; the chain
 * is an array that is written as JSON for each reader. No bounds, no schemas, no balances, no relay. The first line of stdin is the chain.
 */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const crypto = new NodeCrypto();
const waiting = new Map<string, unknown>();
let chain: unknown = [];
const genesis = process.argv[2] ?? "";

const server = createServer(async (request, response) => {
  const answer = request.method === "POST" ? take(JSON.parse(await textOf(request))) : chain;
  const body = JSON.stringify(answer);
  response.writeHead(answer === null ? 422 : request.method === "POST" ? 202 : 200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});

for await (const line of createInterface({ input: process.stdin })) {
  chain = JSON.parse(line);
  waiting.clear();
  process.stdout.write("{}\n");
}

function take(json: Readonly<Record<string, never>>) {
  const tx = revived(json);
  const der = Buffer.concat([SPKI_PREFIX, Buffer.from(tx.sender, "hex")]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  if (!verify(null, signingBytes(tx, genesis), key, Buffer.from(tx.signature, "hex"))) return null;
  const id = crypto.sha256(encodeTransaction(tx));
  waiting.set(id, tx);
  return { id };
}

function revived(json: Readonly<Record<string, never>>): Parameters<typeof encodeTransaction>[0] {
  const { body, fee, ...rest } = json as unknown as {
    body: { kind: "transfer"; recipient: string; amount: string };
    fee: string;
    sender: string;
    sequence: number;
    signature: string;
  };
  return { ...rest, fee: BigInt(fee), body: { ...body, amount: BigInt(body.amount) } };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
