/**
 * Every code that an error of the HTTP API may have; docs/api.md is made from this table. `definite: true` says that what was asked
 * certainly did not happen; false that it may have.
 */
interface ErrorRow {
  readonly status: number;
  readonly definite: boolean;
  readonly meaning: string;
}

export const ERRORS = {
  "bad-request": {
    status: 400,
    definite: true,
    meaning: "The request is not of the stated shape; the message says where.",
  },
  "unknown-route": { status: 404, definite: true, meaning: "There is no such route." },
  "unknown-block": { status: 404, definite: true, meaning: "This node holds no block of this hash." },
  "damaged-block": {
    status: 503,
    definite: true,
    meaning:
      "The block's bytes on this node's disk are damaged; they are asked of peers. Ask again, or ask another node.",
  },
  "unknown-transaction": {
    status: 404,
    definite: true,
    meaning: "The transaction neither waits here nor is among those of the best chain that are known by id.",
  },
  "unknown-peer": { status: 404, definite: true, meaning: "No peer of this name was linked." },
  "index-behind": {
    status: 503,
    definite: true,
    meaning: "The node was just started and still looks through its blocks; try again.",
  },
  "not-ready": { status: 503, definite: true, meaning: "The node is not in sync; the details say why." },
  "method-not-allowed": { status: 405, definite: true, meaning: "The route exists, for other methods." },
  "body-too-large": { status: 413, definite: true, meaning: "The body is larger than the route allows." },
  "headers-too-large": { status: 431, definite: true, meaning: "Address and headers exceed 16 KiB." },
  "request-timeout": { status: 408, definite: true, meaning: "The request took too long to come in." },
  "too-many-requests": {
    status: 429,
    definite: true,
    meaning:
      "The client asks more often than --client-rate allows; the header retry-after says for how long to wait.",
  },
  "not-json": { status: 415, definite: true, meaning: "The content-type must be application/json." },
  "foreign-origin": {
    status: 403,
    definite: true,
    meaning: "A web page of another origin may not change this node.",
  },
  "control-disabled": {
    status: 403,
    definite: true,
    meaning: "The node was started without FORKLAB_CONTROL_TOKEN, so nobody may control it.",
  },
  "control-not-local": {
    status: 403,
    definite: true,
    meaning: "Control routes answer to this machine, or the networks of --control-from, only.",
  },
  "bad-token": { status: 401, definite: true, meaning: "The bearer token is missing or wrong." },
  "mining-not-on-demand": {
    status: 409,
    definite: true,
    meaning: "POST /mine needs the mining mode demand.",
  },
  "mining-took-too-long": {
    status: 504,
    definite: false,
    meaning: "No block was found within the deadline; one may have been found just then.",
  },
  "too-many-readers": {
    status: 503,
    definite: true,
    meaning: "As many readers of events, or of the whole chain, as this node serves.",
  },
  "too-many-peers": { status: 503, definite: true, meaning: "No room for another peer." },
  self: { status: 409, definite: true, meaning: "The peer is this node itself." },
  "name-taken": { status: 409, definite: true, meaning: "The peer has this node's name." },
  "different-chain": { status: 409, definite: true, meaning: "The nodes have different genesis blocks." },
  "different-version": {
    status: 409,
    definite: true,
    meaning: "The nodes speak different versions of the protocol.",
  },
  "address-not-allowed": {
    status: 403,
    definite: true,
    meaning: "The peer's address is neither the caller's own nor in a network of --discover-in.",
  },
  banned: { status: 403, definite: true, meaning: "The peer broke a rule a moment ago." },
  "unknown-session": { status: 401, definite: true, meaning: "The peer must say hello first." },
  "too-many-batches": { status: 429, definite: true, meaning: "The peer sends more at once than is read." },
  "bad-message": {
    status: 400,
    definite: false,
    meaning: "A batch of messages could not be read; those before the broken one were taken in.",
  },
  internal: {
    status: 500,
    definite: false,
    meaning: "A mistake of ours; the node ends with a report in its log.",
  },
  "keyring-full": {
    status: 503,
    definite: true,
    meaning: "This node signs for as many names as it has room for; sign the transaction yourself.",
  },
  "peer-unreachable": {
    status: 502,
    definite: false,
    meaning: "The other node did not answer, or would not link; it is tried again.",
  },
  // Transactions that were refused: the codes of the rules.
  "bad-payload": { status: 422, definite: true, meaning: "The transaction's payload breaks a rule." },
  "bad-signature": {
    status: 422,
    definite: true,
    meaning: "The signature is not the sender's, or of another chain.",
  },
  "bad-sequence": { status: 422, definite: true, meaning: "The sequence was used already." },
  "no-cover": { status: 422, definite: true, meaning: "The balance does not cover amount and fee." },
  "unknown-application": {
    status: 422,
    definite: true,
    meaning: "This chain has no application of that name.",
  },
  "app-refused": {
    status: 422,
    definite: true,
    meaning: "The application's rules do not let it pass; `reason` and `facts` say why.",
  },
  "already-known": { status: 409, definite: true, meaning: "This very transaction waits here already." },
  "sequence-taken": {
    status: 409,
    definite: true,
    meaning: "Another transaction with this sequence waits here; `feeNeeded` would take its place.",
  },
  "sequence-too-far": {
    status: 422,
    definite: true,
    meaning: "The sequence is too far ahead of the account's next.",
  },
  "over-free-relay": {
    status: 429,
    definite: true,
    meaning: "The node has taken as much without a fee as it does for now; any fee would do.",
  },
  "mempool-full": {
    status: 429,
    definite: true,
    meaning: "The mempool is full of transactions with higher fees.",
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;

export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** The body of every error. */
export function errorBody(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
  return { error: { code, definite: ERRORS[code].definite, message, details } };
}
