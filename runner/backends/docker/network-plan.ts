import type { PlannedEdge, PlannedFault, RunPlan } from "../../plan.ts";

/** Networks that a run takes of an engine at most, each a bridge of the kernel: what more faults would need is cut in the nodes instead. */
const NETWORKS_MAX = 24;

export type NetworkIndex = number;

/** A network of some of the nodes, and the edges that use it. Both in the order of the plan. */
export interface PeerNetwork {
  readonly index: NetworkIndex;
  readonly edges: readonly PlannedEdge[];
  readonly members: readonly number[];
  /** Whom to unplug to end every one of its edges: one side of a network between two groups, all but one of a network within a group. */
  readonly unplugged: readonly number[];
}

/**
 * Which edge uses which network. Nodes that no partition of the plan ever separates form an atom. An atom has a network of its own, and two
 * atoms have one between them: then each partition of the plan is pulling some plugs, and the links that it leaves alone never notice,
 * neither when it comes nor when it goes.
 */
export function planNetworks(plan: Pick<RunPlan, "nodes" | "edges" | "timeline">): PeerNetwork[] {
  let best = networksOf(
    plan.edges,
    plan.nodes.map(() => 0),
  );
  let atoms: readonly number[] = plan.nodes.map(() => 0);
  for (const isOpen of stateOf(plan.timeline, plan.edges)) {
    const finer = refine(atoms, groupsOf(plan.nodes.length, plan.edges, isOpen));
    const networks = networksOf(plan.edges, finer);
    if (networks.length > NETWORKS_MAX) continue;
    [best, atoms] = [networks, finer];
  }
  return best;
}

/** A group for each node: nodes are of one group when open links, in whatever direction, lead from one to the other. */
export function groupsOf(
  nodeCount: number,
  edges: readonly PlannedEdge[],
  isOpen: (source: number, target: number) => boolean,
): number[] {
  const parents = Array.from({ length: nodeCount }, (_, node) => node);
  const rootOf = (node: number): number => {
    let root = node;
    while (parents[root] !== root) root = parents[root] ?? root;
    parents[node] = root;
    return root;
  };
  for (const { a, b } of edges) if (isOpen(a, b) || isOpen(b, a)) parents[rootOf(a)] = rootOf(b);
  return parents.map((_, node) => rootOf(node));
}

/** After each line of the timeline that cuts or heals: which directions are open. */
function* stateOf(
  timeline: readonly PlannedFault[],
  edges: readonly PlannedEdge[],
): Generator<(source: number, target: number) => boolean> {
  const cut = new Set<string>();
  const isOpen = (source: number, target: number) => !cut.has(`${source}>${target}`);
  yield isOpen;
  const all = edges.flatMap(({ a, b }): [number, number][] => [
    [a, b],
    [b, a],
  ]);
  for (const { fault } of timeline) {
    if (fault.word === "partition") for (const [a, b] of fault.cut) cut.add(`${a}>${b}`);
    else if (fault.word === "heal") for (const [a, b] of fault.links ?? all) cut.delete(`${a}>${b}`);
    else continue;
    yield isOpen;
  }
}

/** Numbered by the first node of each. */
function refine(atoms: readonly number[], groups: readonly number[]): number[] {
  const numbers = new Map<string, number>();
  return atoms.map((atom, node) => {
    const key = `${atom},${groups[node]}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

function networksOf(edges: readonly PlannedEdge[], atoms: readonly number[]): PeerNetwork[] {
  const byAtoms = new Map<string, PlannedEdge[]>();
  for (const edge of edges) {
    const [low, high] = [atoms[edge.a] ?? 0, atoms[edge.b] ?? 0].toSorted((one, other) => one - other);
    const key = `${low},${high}`;
    const same = byAtoms.get(key) ?? [];
    same.push(edge);
    byAtoms.set(key, same);
  }
  return [...byAtoms.values()].map((same, index) => {
    const members = [...new Set(same.flatMap(({ a, b }) => [a, b]))].toSorted((one, other) => one - other);
    return { index, edges: same, members, unplugged: smallerSide(members, atoms) };
  });
}

function smallerSide(members: readonly number[], atoms: readonly number[]): number[] {
  const first = atoms[members[0] ?? 0];
  const [ours, theirs] = [
    members.filter((node) => atoms[node] === first),
    members.filter((node) => atoms[node] !== first),
  ];
  if (theirs.length === 0) return members.slice(1);
  return ours.length < theirs.length ? ours : theirs;
}
