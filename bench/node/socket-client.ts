import { connect } from "node:net";

const HEAD_END = Buffer.from("\r\n\r\n");

export interface ExchangeTotals {
  readonly count: number;
  /** Of the bodies. */
  readonly bytes: number;
}

/** The bytes of a request. */
export function requestBytes(
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Buffer {
  const framed = body === "" ? headers : { ...headers, "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries({ host: new URL(url).host, ...framed }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}

/**
 * Sends one request after the other on one connection, and looks at nothing of an answer but its status, which must be `status`, and its length. An HTTP client
 * takes several times as long over half a megabyte as the node that sends it, and would measure itself. Resolves when `next` gives null.
 */
export function exchangeOver(
  url: string,
  status: number,
  next: () => Buffer | null,
): Promise<ExchangeTotals> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let count = 0;
    let bytes = 0;
    /** Of the answer under way; null while its headers are awaited. */
    let left: number | null = null;
    const ask = () => {
      const request = next();
      if (request === null) socket.end(() => resolve({ count, bytes }));
      else socket.write(request);
    };
    const take = (chunk: Buffer) => {
      let body = chunk.length;
      if (left === null) {
        const head = chunk.subarray(0, chunk.indexOf(HEAD_END)).toString("latin1");
        const [, code, length] = /^HTTP\/1\.1 (\d+) [\s\S]*\ncontent-length: (\d+)/i.exec(head) ?? [];
        if (Number(code) !== status)
          return void reject(new Error(`answered ${chunk.toString("latin1").slice(0, 500)}`));
        left = Number(length);
        body -= head.length + HEAD_END.length;
      }
      left -= body;
      bytes += body;
      if (left > 0) return;
      left = null;
      count += 1;
      ask();
    };
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    const callback = (length: number) => {
      take(buffer.subarray(0, length));
      return true;
    };
    const socket = connect({ host: hostname, port: Number(port), onread: { buffer, callback } }, ask);
    socket.once("error", reject);
  });
}
