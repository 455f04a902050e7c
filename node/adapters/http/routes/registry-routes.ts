import * as z from "zod";
import type { NodeDirectory } from "../../../ports/node-directory.ts";
import { value } from "../reply.ts";
import { type Route, route } from "../route.ts";
import { nodeEntryShape } from "../shapes/node-shapes.ts";

/** Names the process that answered. */
const INSTANCE_HEADER = "x-forklab-instance";

interface DirectoryContext {
  readonly directory: NodeDirectory;
}

const entries = z.array(nodeEntryShape);
const entryOrNothing = z.union([nodeEntryShape, z.object({})]);
const EMPTY: z.input<typeof entryOrNothing> = {};

/**
 * The routes by which nodes and registries of this and other implementations find one another: at the root of a registry and of a node, and below
 * `/registry` of a node. Bodies are JSON whatever their type is called, because not every client calls it anything; a page of another origin
 * is refused before it comes to that.
 */
export function registryRoutes(prefix: string): Route<DirectoryContext>[] {
  const root = prefix === "" ? "/" : prefix;
  const nodes = `${prefix}/nodes`;
  const there = prefix === "" ? "" : ` As at \`${prefix === "/registry" ? "/" : root}\`.`;
  const shared = { section: "discovery" as const, body: z.unknown(), bodyKind: "lenient" as const };
  return [
    route({
      method: "GET",
      path: root,
      section: "discovery",
      text: `An empty object, with the process in \`${INSTANCE_HEADER}\`.${there}`,
      answer: z.object({}),
      handle: (_asked, { directory }: DirectoryContext) =>
        value({}, { [INSTANCE_HEADER]: directory.instance }),
    }),
    route({
      method: "POST",
      path: root,
      ...shared,
      text: `{ip_address, port}: takes a node and answers it as it is known, or an empty object if it is none.${there}`,
      answer: entryOrNothing,
      handle: ({ body }, { directory }: DirectoryContext) =>
        value(directory.introduce(body) ?? EMPTY, { [INSTANCE_HEADER]: directory.instance }),
    }),
    route({
      method: "GET",
      path: nodes,
      section: "discovery",
      text: `The known nodes, as a list of {ip_address, port}.${there}`,
      answer: entries,
      handle: (_asked, { directory }: DirectoryContext) => value([...directory.list()]),
    }),
    route({
      method: "POST",
      path: nodes,
      ...shared,
      text: `Takes a node, and answers the list.${there}`,
      answer: entries,
      handle: ({ body }, { directory }: DirectoryContext) => {
        directory.introduce(body);
        return value([...directory.list()]);
      },
    }),
    route({
      method: "DELETE",
      path: nodes,
      ...shared,
      text: `Forgets a node, and answers the list.${there}`,
      answer: entries,
      handle: ({ body }, { directory }: DirectoryContext) => {
        directory.remove(body);
        return value([...directory.list()]);
      },
    }),
  ];
}
