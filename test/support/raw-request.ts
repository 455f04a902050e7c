import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  /** Undefined if it is none. */
  readonly json: unknown;
}

export interface RawBody {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Any request that a client can make, `fetch` has opinions on many; the answer as it came. Rejects if there is none. */
export function rawRequest(
  url: string,
  method: string,
  path: string,
  { headers = {}, body }: RawBody = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  // Said for every method: Node.js' client frames no body of a DELETE by itself.
  const framed =
    body === undefined ? headers : { "content-length": String(Buffer.byteLength(body)), ...headers };
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers: framed, agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.once("error", reject);
      answer.once("end", () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes, json: jsonOf(bytes) });
      });
    });
    asked.once("error", reject);
    asked.end(body);
  });
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    // Metrics, a compressed body, none: whoever expects JSON sees that it is missing.
    return undefined;
  }
}
