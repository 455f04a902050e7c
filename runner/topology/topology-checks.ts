import type { ScenarioSettings } from "../scenario/schema.ts";

export type TopologySettings = ScenarioSettings["network"]["topology"];

/** The largest full mesh: half a million links, as many as the largest sparse network has. */
export const FULL_MESH_NODES_MAX = 1000;

/** Why there is no such graph on so many nodes, and which key says so (`path` below the topology); null if there is. */
export function topologyFinding(
  topology: TopologySettings,
  nodeCount: number,
): { readonly path: readonly (string | number)[]; readonly message: string } | null {
  switch (topology.kind) {
    case "full-mesh":
    case "clique":
      if (nodeCount <= FULL_MESH_NODES_MAX) return null;
      return {
        path: ["kind"],
        message: `a full mesh has at most ${FULL_MESH_NODES_MAX} nodes, found ${nodeCount}; take random or random-regular`,
      };
    case "random-regular":
      return regularFinding(topology.degree, nodeCount);
    case "random":
    case "regions":
      if (nodeCount > 2 * topology.out || nodeCount === 1) return null;
      return {
        path: ["out"],
        message: `expected at most ${Math.floor((nodeCount - 1) / 2)} for ${nodeCount} nodes (each also takes as many in), found ${topology.out}`,
      };
    case "edges":
      return edgesFinding(topology.edges, nodeCount);
    default:
      return null;
  }
}

function regularFinding(degree: number, nodeCount: number) {
  if (nodeCount === 1) return null;
  const refuse = (message: string) => ({ path: ["degree"], message });
  if (degree >= nodeCount) return refuse(`expected less than the ${nodeCount} nodes, found ${degree}`);
  if (degree === 1 && nodeCount > 2)
    return refuse("expected at least 2: with one link each the network falls into pairs");
  if ((degree * nodeCount) % 2 === 1)
    return refuse(
      `expected an even number for ${nodeCount} nodes, since each link has two ends, found ${degree}`,
    );
  return null;
}

function edgesFinding(edges: readonly (readonly [number, number])[], nodeCount: number) {
  const seen = new Set<string>();
  const parents = Int32Array.from({ length: nodeCount }, (_, node) => node);
  const rootOf = (node: number): number => {
    let root = node;
    while ((parents[root] ?? root) !== root) root = parents[root] ?? root;
    parents[node] = root;
    return root;
  };
  for (const [index, [a, b]] of edges.entries()) {
    const refuse = (message: string) => ({ path: ["edges", index], message });
    const outside = Math.max(a, b);
    if (outside >= nodeCount) return refuse(`there is no node ${outside}: nodes are 0 to ${nodeCount - 1}`);
    if (a === b) return refuse(`node ${a} cannot be linked with itself`);
    const key = `${Math.min(a, b)}-${Math.max(a, b)}`;
    if (seen.has(key)) return refuse(`${Math.min(a, b)} and ${Math.max(a, b)} are linked twice`);
    seen.add(key);
    parents[rootOf(a)] = rootOf(b);
  }
  const apart = parents.findIndex((_, node) => rootOf(node) !== rootOf(0));
  return apart === -1
    ? null
    : { path: ["edges"], message: `the network is not connected: no way leads from node 0 to node ${apart}` };
}
