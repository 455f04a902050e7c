import type Router from "@koa/router";
import type { Context } from "koa";
import type { NodeDirectory } from "../../ports/node-directory.ts";
import { parseJson } from "../../schemas/decode.ts";
import { readBytes } from "./answer.ts";

/** Bytes of a body: one entry, with the longest host name and a wasteful layout. */
const ENTRY_BYTES_MAX = 4 * 1024;

/** Names the process that answered. */
const INSTANCE_HEADER = "x-forklab-instance";

/**
 * The routes by which nodes and registries of this and other implementations find one another: at the root of a registry and of a node, and below
 * `/registry` of a node. Bodies are JSON whatever their type is called, because not every client calls it anything; a page of another origin
 * is refused before it comes to that.
 */
export function addRegistryRoutes(router: Router, prefix: string, directory: NodeDirectory): void {
  const root = prefix === "" ? "/" : prefix;
  const nodes = `${prefix}/nodes`;

  // A page for browsers at the root of a node takes its place before this, and leaves to it whoever accepts no HTML.
  router.get(root, (ctx) => {
    ctx.set(INSTANCE_HEADER, directory.instance);
    ctx.body = {};
  });

  router.post(root, async (ctx) => {
    const body = await readEntry(ctx);
    if (body === null) return;
    ctx.set(INSTANCE_HEADER, directory.instance);
    ctx.body = directory.introduce(body.value) ?? {};
  });

  router.get(nodes, (ctx) => {
    ctx.body = directory.list();
  });

  router.post(nodes, async (ctx) => {
    const body = await readEntry(ctx);
    if (body === null) return;
    directory.introduce(body.value);
    ctx.body = directory.list();
  });

  router.delete(nodes, async (ctx) => {
    const body = await readEntry(ctx);
    if (body === null) return;
    directory.remove(body.value);
    ctx.body = directory.list();
  });
}

/** What the body says; `undefined` inside where it is no JSON, which is no entry. Null when the request was refused. */
async function readEntry(ctx: Context): Promise<{ value: unknown } | null> {
  const bytes = await readBytes(ctx, ENTRY_BYTES_MAX);
  if (bytes === null) return null;
  const parsed = parseJson(bytes.toString("utf8"));
  return { value: parsed.ok ? parsed.value : undefined };
}
