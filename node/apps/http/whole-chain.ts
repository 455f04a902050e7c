import { promisify } from "node:util";
import { constants, crc32, gzip } from "node:zlib";
import { streamChunks } from "../../adapters/http/chain-stream.ts";
import type { Exchange } from "../../adapters/http/exchange.ts";
import type { NodeContext } from "../../adapters/http/node-context.ts";
import { type BytesReply, type Reply, refusal, TAKEN } from "../../adapters/http/reply.ts";
import type { BlockEntry } from "../../core/state/block-entry.ts";
import { BlockViews, type RenderBlock } from "./block-views.ts";

/** A chain whose views together are larger is not kept, but made anew for each reader, piece by piece. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

/** Views that are made before others get their turn. */
const SLICE_COUNT = 64;

/** Readers of chains that are not kept, at once; those of `GET /chain` count with them. */
const STREAMS_MAX = 8;

const gzipAsync = promisify(gzip);
const COMMA = Buffer.from(",");

/** What stands around the blocks may depend on where the chain ends. */
type OfTip = (tip: BlockEntry) => string;

/** The views of the best chain up to a block, with commas between. */
interface Joined {
  readonly tip: BlockEntry;
  readonly bytes: Buffer;
}

/**
 * The whole chain as the clients of one application see it. Their answers have no pages, so what is short enough is kept: the joined views as long as
 * the chain only grows, and the last answer until something of it changes.
 */
export class WholeChain {
  readonly views: BlockViews;
  readonly #node: NodeContext;
  #joined: Joined | null = null;
  #growing: Promise<Joined | "long" | "lost"> | null = null;
  #last: {
    readonly opening: string;
    readonly closing: string;
    readonly of: Joined;
    readonly reply: BytesReply;
  } | null = null;

  constructor(node: NodeContext, render: RenderBlock) {
    this.#node = node;
    this.views = new BlockViews(render, (block) => node.queries.bodyOf(block));
  }

  /** `opening`, the blocks of the best chain with commas between, `closing`. */
  async reply(exchange: Exchange, opening: OfTip, closing: OfTip): Promise<Reply<never>> {
    const { tip } = this.#node.host.machine;
    const joined = this.#joined?.tip === tip ? this.#joined : await this.#grow();
    if (joined === "lost") return refusal("damaged-block");
    if (joined === "long") return this.#stream(exchange, opening, closing);
    const [head, foot] = [opening(joined.tip), closing(joined.tip)];
    const last = this.#last;
    if (last !== null && last.of === joined && last.opening === head && last.closing === foot)
      return last.reply;
    const reply = replyOf(head, joined, foot);
    this.#last = { opening: head, closing: foot, of: joined, reply };
    return reply;
  }

  /** One at a time, however many ask. */
  #grow(): Promise<Joined | "long" | "lost"> {
    this.#growing ??= this.#join().finally(() => {
      this.#growing = null;
    });
    return this.#growing;
  }

  async #join(): Promise<Joined | "long" | "lost"> {
    const { host, queries } = this.#node;
    const { tip } = host.machine;
    const kept = this.#joined;
    const isGrown = kept !== null && queries.ancestorAt(tip, kept.tip.header.height) === kept.tip;
    const parts: Buffer[] = isGrown ? [kept.bytes] : [];
    let bytes = isGrown ? kept.bytes.length : 0;
    const from = isGrown ? kept.tip.header.height + 1 : 0;
    for (let height = from; height <= tip.header.height; height += 1) {
      const block = queries.ancestorAt(tip, height);
      const json = block === null ? null : this.views.json(block);
      if (json === null) return "lost";
      if (parts.length > 0) parts.push(COMMA);
      parts.push(json);
      bytes += json.length + 1;
      if (bytes > KEPT_BYTES_MAX) {
        this.#joined = null;
        this.#last = null;
        return "long";
      }
      if (height % SLICE_COUNT === SLICE_COUNT - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#joined = { tip, bytes: Buffer.concat(parts) };
    return this.#joined;
  }

  #stream(exchange: Exchange, opening: OfTip, closing: OfTip): Reply<never> {
    const { host, streams, fatal } = this.#node;
    const { tip } = host.machine;
    if (streams.count >= STREAMS_MAX) return refusal("too-many-readers");
    streams.count += 1;
    const chunks = this.#chunks(tip, opening(tip), closing(tip));
    streamChunks(exchange, { "content-type": "application/json; charset=utf-8" }, chunks)
      .finally(() => {
        streams.count -= 1;
      })
      .catch(fatal);
    return TAKEN;
  }

  async *#chunks(tip: BlockEntry, opening: string, closing: string): AsyncGenerator<Buffer> {
    let parts: Buffer[] = [Buffer.from(opening)];
    for (let height = 0; height <= tip.header.height; height += 1) {
      const block = this.#node.queries.ancestorAt(tip, height);
      const json = block === null ? null : this.views.json(block, false);
      if (json === null) throw new Error(`the block at height ${height} is lost`);
      if (height > 0) parts.push(COMMA);
      parts.push(json);
      if (height % SLICE_COUNT < SLICE_COUNT - 1) continue;
      yield Buffer.concat(parts);
      parts = [];
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield Buffer.concat([...parts, Buffer.from(closing)]);
  }
}

function replyOf(opening: string, { tip, bytes }: Joined, closing: string): BytesReply {
  const body = Buffer.concat([Buffer.from(opening), bytes, Buffer.from(closing)]);
  let gzipped: Promise<Buffer> | null = null;
  return {
    kind: "bytes",
    body,
    etag: `W/"${tip.hash.slice(32)}-${crc32(opening + closing).toString(16)}"`,
    gzipped: () => {
      gzipped ??= gzipAsync(body, { level: constants.Z_BEST_SPEED });
      return gzipped;
    },
  };
}
