import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { ERRORS, type ErrorCode, errorBody } from "./error-table.ts";

/**
 * Answers what never became a request, in the shape of every other error, and ends the connection: what is no HTTP, headers that are too large, a
 * request that takes too long to come in.
 */
export function answerBrokenRequests(server: Server): void {
  /** The last answer on each connection: what was begun must not be written into. */
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    answers.set(request.socket, response);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    const last = answers.get(socket);
    const isFree = last === undefined || !last.headersSent || last.writableFinished;
    if (!socket.writable || !isFree) return void socket.destroy();
    const code = codeOf(error.code ?? "");
    const body = JSON.stringify(errorBody(code, ERRORS[code].meaning));
    socket.end(
      `HTTP/1.1 ${ERRORS[code].status} ${code}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      () => socket.destroy(),
    );
  });
}

function codeOf(code: string): ErrorCode {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "request-timeout";
  return code === "HPE_HEADER_OVERFLOW" ? "headers-too-large" : "bad-request";
}
