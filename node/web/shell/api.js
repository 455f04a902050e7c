import { connection } from "./connection.js";

/** The node answered, and refused: `code` as in docs/api.md. */
export class Refused extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {number} status
   */
  constructor(code, message, status) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The node did not answer. */
export class Unanswered extends Error {
  constructor() {
    super("the node does not answer");
  }
}

/** How long an answer may take, ms: a block is mined on demand in a minute at most. */
const PATIENCE_MS = 65_000;

/**
 * What the node answers to a question.
 * @template T
 * @param {string} path
 * @returns {Promise<T>}
 */
export async function ask(path) {
  return await request(path, { headers: { accept: "application/json" } });
}

/**
 * Has the node do something.
 * @template T
 * @param {string} path
 * @param {unknown} body
 * @returns {Promise<T>}
 */
export async function tell(path, body) {
  return await request(path, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  });
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function request(path, init) {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);
  const text = (await response?.text().catch(() => null)) ?? null;
  if (response === null || text === null) {
    connection.doubt();
    throw new Unanswered();
  }
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  const body = isJson && text !== "" ? JSON.parse(text) : text;
  if (response.ok) return body;
  const error = isJson ? body.error : null;
  throw new Refused(
    error?.code ?? `status-${response.status}`,
    error?.message ?? (isJson ? (body.message ?? text) : text),
    response.status,
  );
}
