import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import fc from "fast-check";
import { ERRORS, isErrorCode } from "../../node/adapters/http/error-table.ts";
import { Scratch } from "../support/live-process.ts";
import { strangerHello } from "../support/stranger-hello.ts";
import { anyBatch } from "./any-batch.ts";
import { anyRequest, type FuzzRequest } from "./any-request.ts";
import { type FuzzedNode, startFuzzedNode } from "./fuzz-node.ts";
import { type FuzzAnswer, send } from "./send.ts";

export interface FuzzOutcome {
  /** Answers by status; "none" where the connection ended without one. */
  readonly statuses: ReadonlyMap<string, number>;
  readonly stderr: string;
}

type Attack =
  | { readonly kind: "request"; readonly request: FuzzRequest }
  | { readonly kind: "batch"; readonly bytes: Uint8Array }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/**
 * Puts requests, peers' messages and bytes of all kinds to one real node. Throws, with the seed and the smallest attack that fast-check finds, when an answer
 * is a mistake of the node's or not in the table of errors, or when the chain has changed or the node is gone.
 */
export async function fuzz(runs: number, seed: number): Promise<FuzzOutcome> {
  using scratch = new Scratch();
  const fuzzed = await startFuzzedNode(scratch);
  await using node = fuzzed.node;
  const statuses = new Map<string, number>();
  const before = await chainOf(fuzzed);
  const attack: fc.Arbitrary<Attack> = fc.oneof(
    { weight: 6, arbitrary: anyRequest(fuzzed).map((request) => ({ kind: "request" as const, request })) },
    { weight: 3, arbitrary: anyBatch(fuzzed).map((bytes) => ({ kind: "batch" as const, bytes })) },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => ({ kind: "bytes" as const, bytes })),
    },
  );
  const check = async (each: Attack) => {
    const answer = await carryOut(fuzzed, each);
    const word = answer === null ? "none" : String(answer.status);
    statuses.set(word, (statuses.get(word) ?? 0) + 1);
    if (answer !== null) checkAnswer(answer);
    const { tip, coins } = await node.status();
    if (tip !== before.tip || coins !== before.coins)
      throw new Error(`the chain ends in ${tip} with ${coins} coins`);
  };
  await fc.assert(fc.asyncProperty(attack, check), { numRuns: runs, seed, endOnFailure: false });
  const after = await chainOf(fuzzed);
  if (after.text !== before.text) throw new Error("the chain has changed");
  const broken = node.stderr.split("\n").filter((line) => /"level":(50|60)\b/.test(line));
  if (broken.length > 0) throw new Error(`the log has errors: ${broken.join("\n")}`);
  return { statuses, stderr: node.stderr };
}

/** Null: the connection ended without an answer, as it may for bytes that are no request, and for bodies that nobody waits for. */
async function carryOut({ node }: FuzzedNode, attack: Attack): Promise<FuzzAnswer | null> {
  if (attack.kind === "request") return await send(node.url, attack.request);
  if (attack.kind === "bytes") return await sendBytes(node.url, attack.bytes);
  const name = `stranger-${randomBytes(6).toString("hex")}`;
  const change = { name, chain: { name: "test", seal: "hash" } };
  const hello = await node.send("POST", "/p2p/hello", strangerHello(node.genesis, change));
  const headers = { "x-forklab-session": String(hello.body.session ?? "") };
  return await send(node.url, { method: "POST", target: "/p2p/messages", headers, body: attack.bytes });
}

/** Throws at an answer that no node should give. */
export function checkAnswer({ status, text, isJson }: FuzzAnswer): void {
  if (status < 400) return;
  // HEAD has no body to look at.
  if (text === "" && status !== ERRORS.internal.status) return;
  if (isOfClients(status, text)) return;
  const { error } = isJson ? JSON.parse(text) : { error: null };
  const code = String(error?.code);
  if (!isErrorCode(code) || code === "internal" || ERRORS[code].status !== status)
    throw new Error(`answered ${status}: ${text.slice(0, 500)}`);
}

/** Refusals in the words of the systems that routes were taken over from; the coin's are 400 whatever the rule. */
function isOfClients(status: number, text: string): boolean {
  if (status === 404) return text === "Invalid transaction data";
  const words =
    /^(Missing values$|Invalid data$|Error: Please supply a valid list of nodes$|The block was discarded by the node: )/;
  return status === 400 && (words.test(text) || /^\{"message":.*"error":\{"code":"app-refused"/.test(text));
}

function sendBytes(url: string, bytes: Uint8Array): Promise<null> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.end(bytes));
    socket.resume();
    // A reset is an end as well.
    socket.once("error", () => socket.destroy());
    socket.once("close", () => resolve(null));
  });
}

async function chainOf({ node }: FuzzedNode) {
  const { tip, coins } = await node.status();
  return { tip, coins, text: await (await fetch(`${node.url}/chain?whole=true`)).text() };
}
