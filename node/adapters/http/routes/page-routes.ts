import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { takesHtml } from "../accept.ts";
import type { BytesReply, Reply } from "../reply.ts";
import { refusal } from "../reply.ts";
import { type Route, route } from "../route.ts";
import { DOCUMENT, TYPE_OF_EXTENSION, webFile } from "../web-files.ts";

const HTML_TYPE = "text/html; charset=utf-8";

/**
 * What a page may do: run the node's own modules, ask the node, and nothing else. No inline script or style, no page of others around it, and no text
 * becomes markup but what the library makes of our own templates.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types lit-html",
].join("; ");

const NO_SNIFFING = { "x-content-type-options": "nosniff" };

const PAGE_HEADERS = {
  ...NO_SNIFFING,
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

/** Read when it is asked for and not kept: an idle node has no use for it, and a browser that has it asks with its tag. */
async function fileReply(place: URL, headers: Readonly<Record<string, string>>): Promise<BytesReply> {
  const body = await readFile(place);
  const extension = place.pathname.slice(place.pathname.lastIndexOf(".") + 1);
  const type = TYPE_OF_EXTENSION.get(extension) ?? "application/octet-stream";
  const etag = `W/"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`;
  return { kind: "bytes", body, type, etag, headers };
}

export const webFileRoute: Route<unknown> = route({
  method: "GET",
  path: "/web/:folder/:file",
  section: "node",
  text: "A file of the pages that stand at `/` for browsers: a module, the stylesheet, the icon.",
  params: z.strictObject({
    folder: z.string().regex(/^[a-z-]{1,40}$/, { error: "the name of a folder expected" }),
    file: z.string().regex(/^[a-z-]{1,60}\.[a-z]{1,4}$/, { error: "the name of a file expected" }),
  }),
  answer: null,
  types: [...TYPE_OF_EXTENSION.values()].filter((type) => type !== HTML_TYPE),
  errors: ["unknown-route"],
  handle: async ({ params: { folder, file } }): Promise<Reply<never>> => {
    const place = webFile(folder, file);
    return place === null
      ? refusal("unknown-route", "no such file of the pages")
      : await fileReply(place, NO_SNIFFING);
  },
});

/** The route of the root, with the pages for whoever names HTML among what it accepts; everyone else is answered as before. */
export function withPages<C>(root: Route<C>): Route<C> {
  return {
    ...root,
    text: `The pages, for who accepts \`text/html\`; for everyone else: ${root.text.charAt(0).toLowerCase()}${root.text.slice(1)}`,
    types: [...(root.types ?? []), HTML_TYPE],
    handle: async (asked, context) => {
      if (takesHtml(asked.exchange.header("accept")))
        return await fileReply(DOCUMENT, { ...PAGE_HEADERS, vary: "accept" });
      const reply = await root.handle(asked, context);
      return reply.kind === "taken" ? reply : { ...reply, headers: { ...reply.headers, vary: "accept" } };
    },
  };
}
