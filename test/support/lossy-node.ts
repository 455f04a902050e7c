import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { runNode } from "../../node/run-node.ts";

/**
 * What becomes of a node's events. `mute`: from the first `block-mined` on none comes out, and the stream stays open, so that nobody asks again.
 * `cut`: the stream breaks in the midst of every fourth event.
 */
export type Loss = "mute" | "cut";

/** The proxy has the address that the node tells everyone; the node listens on the same port of another loopback address. */
const PROXY_HOST = "127.0.0.1";
const NODE_HOST = "127.0.0.2";

/**
 * Runs a real node behind a proxy in its own process, through which all passes but some of its events. To be called by a file that is run in place
 * of `node/main.ts`: killing that process kills both, and what came out neither before nor then is lost for good.
 */
export function runLossyNode(loss: Loss): void {
  const tell = loss === "mute" ? untilFirstBlock() : inPieces;
  const proxy = createServer((asked, answer) => {
    const { url: path = "/", method, headers } = asked;
    const { port } = proxy.address() as AddressInfo;
    const passed = request({ host: NODE_HOST, port, path, method, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      if (path.startsWith("/events")) tell(eventsOf(answered), answer);
      else answered.pipe(answer);
    });
    breakTogether(passed, answer);
    asked.pipe(passed);
  });
  proxy.listen(0, PROXY_HOST, () => {
    const port = String((proxy.address() as AddressInfo).port);
    const address = ["--host", NODE_HOST, "--port", port, "--url", `http://${PROXY_HOST}:${port}`];
    void runNode([...process.argv.slice(2), ...address], process.env);
  });
}

type Tell = (events: AsyncIterable<string>, reader: ServerResponse) => Promise<void>;

function untilFirstBlock(): Tell {
  let isMute = false;
  return async (events, reader) => {
    for await (const event of events) {
      isMute ||= /^event: block-mined$/m.test(event);
      if (!isMute) reader.write(event);
    }
  };
}

async function inPieces(events: AsyncIterable<string>, reader: ServerResponse): Promise<void> {
  let count = 0;
  for await (const event of events) {
    count += 1;
    if (count < 4) reader.write(event);
    else reader.write(event.slice(0, event.length / 2), () => reader.destroy());
    if (count === 4) return;
  }
}

/** Each with the empty line that ends it; comments are dropped. */
async function* eventsOf(stream: IncomingMessage): AsyncGenerator<string> {
  let text = "";
  for await (const piece of stream.setEncoding("utf8")) {
    const parts = (text + piece).split("\n\n");
    text = parts.pop() ?? "";
    for (const event of parts) if (!event.startsWith(":")) yield `${event}\n\n`;
  }
}

function breakTogether(passed: ClientRequest, answer: ServerResponse): void {
  passed.on("error", () => answer.destroy());
  answer.on("close", () => passed.destroy());
}
