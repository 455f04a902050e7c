import { Agent, request } from "node:http";
import type { FuzzRequest } from "./any-request.ts";

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/** A request that takes longer is a node that hangs, ms. */
const PATIENCE_MS = 20_000;

export interface FuzzAnswer {
  readonly status: number;
  readonly text: string;
  readonly isJson: boolean;
}

/** The answer, of a stream its beginning; null if the connection ended without one. Rejects when the node leaves the request waiting. */
export function send(
  url: string,
  { method, target, headers, body }: FuzzRequest,
): Promise<FuzzAnswer | null> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const framed = body === null ? headers : { ...headers, "content-length": String(body.length) };
    const asked = request({ hostname, port, method, path: target, headers: framed, agent }, (answer) => {
      const type = String(answer.headers["content-type"] ?? "");
      const chunks: Buffer[] = [];
      const finish = () => {
        clearTimeout(timer);
        const text = Buffer.concat(chunks).toString();
        const isJson =
          type.startsWith("application/json") && answer.headers["content-encoding"] === undefined;
        resolve({ status: answer.statusCode ?? 0, text, isJson });
      };
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.once("end", finish);
      // One that breaks off has begun with a status all the same.
      answer.once("error", finish);
      if (type.startsWith("text/event-stream")) {
        finish();
        answer.destroy();
      }
    });
    const timer = setTimeout(() => {
      reject(new Error(`${method} ${target} was not answered`));
      asked.destroy();
    }, PATIENCE_MS);
    asked.once("error", () => {
      clearTimeout(timer);
      resolve(null);
    });
    asked.end(body ?? undefined);
  });
}
