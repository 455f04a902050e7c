import type { IncomingMessage, ServerResponse } from "node:http";
import type { BatchOutcome, PeerInbox } from "../../ports/peer-directory.ts";
import { ERRORS, errorBody } from "./error-table.ts";
import type { HttpMetrics } from "./node-context.ts";
import { type ReadBody, readBody } from "./read-body.ts";

const PATH = "/p2p/messages";

/** How long a batch may take to come in, ms: as long as its sender waits for an answer. */
const BODY_TIMEOUT_MS = 10_000;

export interface MessageDoorParts {
  readonly inbox: Pick<PeerInbox, "batch" | "batchBytesMax" | "enter">;
  readonly metrics: Pick<HttpMetrics, "served">;
  /** What is told of the node's tip with each answer, beside the simulated links: for people who look at the network, and for no rule. */
  readonly tipText: () => string;
  /** A mistake of ours surfaced. */
  readonly fatal: (error: unknown) => void;
}

/**
 * The door for peers' messages, past the framework: they are most of what a node is asked, hundreds a second, and each takes a fraction of the time
 * here. Takes a request or leaves it, which is said. What a web page sends is left, so that the framework refuses it.
 */
export function messageDoor(
  parts: MessageDoorParts,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    if (request.url !== PATH || request.method !== "POST" || request.headers.origin !== undefined)
      return false;
    takeMessages(request, response, parts).catch(parts.fatal);
    return true;
  };
}

/** Reads a batch, hands it over and answers. */
export async function takeMessages(
  request: IncomingMessage,
  response: ServerResponse,
  { inbox, metrics, tipText }: Omit<MessageDoorParts, "fatal">,
): Promise<void> {
  const startMs = performance.now();
  const header = request.headers["x-forklab-session"];
  const session = typeof header === "string" ? header : "";
  const entry = inbox.enter(session);
  const outcome = entry.ok ? await readAndTake(request, session, inbox).finally(entry.leave) : entry;
  const status = outcome.ok ? 204 : ERRORS[outcome.code].status;
  if (outcome.ok) response.writeHead(204, { "x-forklab-tip": tipText() }).end();
  else {
    // What is left of a body that is too large, or of nobody's, is not read.
    if (!request.complete) response.setHeader("connection", "close");
    const text = JSON.stringify(errorBody(outcome.code, outcome.reason));
    response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(text);
  }
  metrics.served(PATH, "POST", status, (performance.now() - startMs) / 1_000);
}

/** Reads a batch whose sender may send one, and hands it over. */
async function readAndTake(
  request: IncomingMessage,
  session: string,
  inbox: MessageDoorParts["inbox"],
): Promise<BatchOutcome | (ReadBody & { readonly ok: false })> {
  // Whoever drips a body holds up none of its own that come after it.
  const timer = setTimeout(() => request.destroy(), BODY_TIMEOUT_MS);
  try {
    const body = await readBody(request, inbox.batchBytesMax);
    return body.ok ? await inbox.batch(session, body.bytes) : body;
  } finally {
    clearTimeout(timer);
  }
}
