import { InvariantError, invariant } from "../../node/core/support/invariant.ts";
import type { Prng } from "../../node/core/support/prng.ts";
import { EdgeSet } from "./edge-list.ts";

/**
 * Each node in turn opens `out` links to others it is not linked with yet, all equally likely, as the bootstrap of a
 * real network does; a node has twice as many on average. Needs more than 2 x `out` nodes. Components that are left apart,
 * which takes a very small `out`, are joined by one link each.
 */
export function randomGraph(nodeCount: number, out: number, prng: Prng): EdgeSet {
  const edges = new EdgeSet(nodeCount);
  for (let node = 0; node < nodeCount; node++) {
    // Full: linked with all others by the links that they opened. Rare, and only in the smallest networks.
    for (let opened = 0; opened < out && edges.neighbours(node).length < nodeCount - 1; )
      if (edges.add(node, prng.integer(nodeCount))) opened += 1;
  }
  const { of, count } = edges.components();
  for (let component = 1; component < count; component++) {
    const apart = of.indexOf(component);
    let other = prng.integer(nodeCount);
    while ((of[other] ?? 0) >= component) other = prng.integer(nodeCount);
    edges.add(apart, other);
  }
  return edges;
}

/**
 * Every node has `degree` links. Stubs are paired at random until a pairing is a connected graph, which makes all such graphs
 * exactly as likely; where that takes too long (the chance of a pairing is about e^-(degree^2 / 4)), pairs that are no link
 * are resolved by switching ends with other links, and then all graphs are about as likely.
 * Needs `nodeCount * degree` even, `degree < nodeCount`, and a degree of 2 at least above two nodes.
 * Source: McKay and Wormald, "Uniform generation of random regular graphs of moderate degree" (1990), for switching.
 */
export function randomRegularGraph(nodeCount: number, degree: number, prng: Prng): EdgeSet {
  invariant(
    (nodeCount * degree) % 2 === 0 && degree < nodeCount,
    `no graph of ${nodeCount} nodes of degree ${degree}`,
  );
  // Close to a full mesh there is little to switch with; the links that are missing then form a sparse regular graph.
  const isDense = degree > (nodeCount - 1) / 2;
  const sparseDegree = isDense ? nodeCount - 1 - degree : degree;
  const wholePairings = pairingsAllowed(nodeCount * sparseDegree, sparseDegree);
  for (let attempt = 0; attempt < wholePairings + REDRAWS_MAX; attempt++) {
    const isWhole = attempt < wholePairings;
    const sparse = pairStubs(nodeCount, sparseDegree, prng, isWhole);
    if (sparse === null) continue;
    const edges = isDense ? complement(sparse, nodeCount) : sparse;
    if (isWhole ? edges.components().count === 1 : joinComponents(edges)) return edges;
  }
  throw new InvariantError(
    `no regular graph of ${nodeCount} nodes of degree ${degree} in ${REDRAWS_MAX} attempts`,
  );
}

/** How many pairings may be thrown away: none above degree 5, where one in 400 is a graph and above it one in thousands. */
function pairingsAllowed(stubCount: number, degree: number): number {
  return degree > 5 ? 0 : Math.min(2000, Math.floor(PAIRED_STUBS_MAX / (stubCount + 1)));
}

/** Bounds the time spent on pairings of large networks to some 50 ms. */
const PAIRED_STUBS_MAX = 1_000_000;
/** Switching gets stuck in small graphs now and then; hundreds of times in a row would be a bug. */
const REDRAWS_MAX = 1000;
/** A pair of a graph that has a solution finds a partner in a handful of tries; then it is cheaper to start again. */
const SWITCHES_MAX = 1000;

type Pair = readonly [number, number];

/** Null if switching got stuck, or if a pairing without any is asked for (`isWhole`) and this one would need it. */
function pairStubs(nodeCount: number, degree: number, prng: Prng, isWhole: boolean): EdgeSet | null {
  const edges = new EdgeSet(nodeCount);
  const stubs = prng.shuffle(
    Int32Array.from({ length: nodeCount * degree }, (_, stub) => Math.floor(stub / degree)),
  );
  const links: Pair[] = [];
  const unlinked: Pair[] = [];
  for (let next = 0; next < stubs.length; next += 2) {
    const pair = [stubs[next] ?? 0, stubs[next + 1] ?? 0] as const;
    if (edges.add(pair[0], pair[1])) links.push(pair);
    else if (isWhole) return null;
    else unlinked.push(pair);
  }
  return unlinked.every((pair) => switchEnds(edges, links, pair, prng)) ? edges : null;
}

/** Places the pair a, b: links a-c and b-d replace a link c-d, so that everybody's degree is what it was to be. */
function switchEnds(edges: EdgeSet, links: Pair[], [a, b]: Pair, prng: Prng): boolean {
  for (let attempt = 0; attempt < SWITCHES_MAX && links.length > 0; attempt++) {
    const index = prng.integer(links.length);
    const [first, second] = links[index] ?? [a, b];
    const [c, d] = prng.integer(2) === 0 ? [first, second] : [second, first];
    if (a === c || b === d || edges.has(a, c) || edges.has(b, d)) continue;
    edges.delete(c, d);
    edges.add(a, c);
    edges.add(b, d);
    links[index] = [a, c];
    links.push([b, d]);
    return true;
  }
  return false;
}

function complement(edges: EdgeSet, nodeCount: number): EdgeSet {
  const others = new EdgeSet(nodeCount);
  for (let a = 0; a < nodeCount; a++)
    for (let b = a + 1; b < nodeCount; b++) if (!edges.has(a, b)) others.add(a, b);
  return others;
}

/**
 * Joins components by switching a link on a cycle of one with a link on a cycle of another: neither falls apart by it,
 * and no degree changes. False if a component has no cycle, which a degree of 2 rules out.
 */
function joinComponents(edges: EdgeSet): boolean {
  for (let { of, count } = edges.components(); count > 1; { of, count } = edges.components()) {
    const here = cycleLink(edges, 0);
    const apart = cycleLink(edges, of.indexOf(1));
    if (here === null || apart === null) return false;
    edges.delete(here[0], here[1]);
    edges.delete(apart[0], apart[1]);
    edges.add(here[0], apart[0]);
    edges.add(here[1], apart[1]);
  }
  return true;
}

/** A link whose removal leaves the component of `start` in one piece: one that a walk from there meets twice. */
function cycleLink(edges: EdgeSet, start: number): Pair | null {
  const parents = new Map<number, number>([[start, start]]);
  const queue = [start];
  for (let next = 0; next < queue.length; next++) {
    const node = queue[next] ?? start;
    for (const other of edges.neighbours(node)) {
      if (other === parents.get(node)) continue;
      if (parents.has(other)) return [node, other];
      parents.set(other, node);
      queue.push(other);
    }
  }
  return null;
}
