import type { NodeContext } from "../../adapters/http/node-context.ts";

/** Something that routes keep for each node that they are served from, made when it is first asked for, gone with the node. */
export function perNode<T>(make: (node: NodeContext) => T): (node: NodeContext) => T {
  const kept = new WeakMap<NodeContext, T>();
  return (node) => {
    const known = kept.get(node);
    if (known !== undefined) return known;
    const made = make(node);
    kept.set(node, made);
    return made;
  };
}
