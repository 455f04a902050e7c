import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { splitFrames } from "../../node/adapters/peers/frames.ts";
import type { Message } from "../../node/core/state/messages.ts";
import type { NodeUnderTest } from "../support/live-process.ts";
import type { BlockAuthor } from "../support/mined-blocks.ts";
import { strangerHello } from "../support/stranger-hello.ts";
import { type Foe, kindOf } from "./foe.ts";

/** A hostile peer over HTTP: it says hello as a node does, and posts whatever it likes. */
export class LiveFoe implements Foe {
  readonly author: BlockAuthor;
  readonly name: string;
  readonly got = new Map<Message["kind"], number>();
  readonly floodRatio = 1;
  answer: Foe["answer"] = () => [];
  session = "";
  readonly #victim: NodeUnderTest;
  readonly #server: Server;

  private constructor(victim: NodeUnderTest, name: string, author: BlockAuthor, server: Server) {
    this.#victim = victim;
    this.name = name;
    this.author = author;
    this.#server = server;
  }

  /** A foe that the victim is linked with. */
  static async link(victim: NodeUnderTest, name: string, author: BlockAuthor): Promise<LiveFoe> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const foe = new LiveFoe(victim, name, author, server);
    server.on("request", (request, response) => {
      // Whoever bans it ends its requests midway.
      foe.#hear(request).then(
        () => response.writeHead(204).end(),
        () => response.destroy(),
      );
    });
    await foe.#greet();
    await foe.send([]);
    return foe;
  }

  async send(...batches: readonly (readonly Uint8Array[])[]): Promise<void> {
    for (const frames of batches) if ((await this.post(Buffer.concat(frames))) !== 204) return;
  }

  /** The status of the answer. */
  async post(body: Buffer): Promise<number> {
    const response = await fetch(`${this.#victim.url}/p2p/messages`, {
      method: "POST",
      body: new Uint8Array(body),
      headers: { "x-forklab-session": this.session },
    });
    await response.arrayBuffer();
    return response.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #greet(): Promise<void> {
    const { port } = this.#server.address() as AddressInfo;
    const { name: chain, seal } = this.author.tree.parameters;
    const change = { name: this.name, url: `http://127.0.0.1:${port}`, chain: { name: chain, seal } };
    const hello = strangerHello(this.#victim.genesis, change);
    const answer = await this.#victim.send("POST", "/p2p/hello", hello);
    if (answer.status !== 200) throw new Error(`the victim does not greet: ${JSON.stringify(answer.body)}`);
    this.session = String(answer.body.session);
  }

  async #hear(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url !== "/p2p/messages") return;
    const answers: Uint8Array[] = [];
    for (const frame of splitFrames(Buffer.concat(chunks)) ?? []) {
      const kind = kindOf(frame);
      if (kind !== null) this.got.set(kind, (this.got.get(kind) ?? 0) + 1);
      answers.push(...this.answer(frame));
    }
    if (answers.length > 0) void this.send(answers);
  }
}
