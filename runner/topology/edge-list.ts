/** Undirected links, each once, `a < b`, ordered by `a`, then `b`. Parallel arrays: 400,000 links are 3 MB. */
export interface EdgeList {
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** Collects links of a network; says whether two nodes are linked already. Neighbours are few, so a scan finds them fastest. */
export class EdgeSet {
  readonly #neighbours: number[][];
  #size = 0;

  constructor(nodeCount: number) {
    this.#neighbours = Array.from({ length: nodeCount }, () => []);
  }

  get size(): number {
    return this.#size;
  }

  has(a: number, b: number): boolean {
    const [linked, linkedBack] = [this.neighbours(a), this.neighbours(b)];
    // The shorter list: in a star one of them is the whole network.
    return linked.length <= linkedBack.length ? linked.includes(b) : linkedBack.includes(a);
  }

  /** Links two nodes; false, and nothing is done, if they are one node or linked already. */
  add(a: number, b: number): boolean {
    if (a === b || this.has(a, b)) return false;
    this.neighbours(a).push(b);
    this.neighbours(b).push(a);
    this.#size += 1;
    return true;
  }

  delete(a: number, b: number): void {
    remove(this.neighbours(a), b);
    remove(this.neighbours(b), a);
    this.#size -= 1;
  }

  /** In the order they were linked. */
  neighbours(node: number): number[] {
    const list = this.#neighbours[node];
    if (list === undefined) throw new RangeError(`no node ${node}`);
    return list;
  }

  toList(): EdgeList {
    const a = new Int32Array(this.#size);
    const b = new Int32Array(this.#size);
    let next = 0;
    for (const [node, linked] of this.#neighbours.entries())
      for (const other of linked.filter((other) => other > node).sort((x, y) => x - y)) {
        a[next] = node;
        b[next] = other;
        next += 1;
      }
    return { a, b };
  }

  /** For each node the number of its component; components are numbered from 0 in the order of their lowest node. */
  components(): { readonly of: Int32Array; readonly count: number } {
    const of = new Int32Array(this.#neighbours.length).fill(-1);
    let count = 0;
    for (let start = 0; start < of.length; start++) {
      if (of[start] !== -1) continue;
      const stack = [start];
      of[start] = count;
      for (let node = stack.pop(); node !== undefined; node = stack.pop())
        for (const other of this.neighbours(node))
          if (of[other] === -1) {
            of[other] = count;
            stack.push(other);
          }
      count += 1;
    }
    return { of, count };
  }
}

function remove(list: number[], value: number): void {
  const index = list.indexOf(value);
  if (index === -1) throw new RangeError(`${value} is not linked`);
  list.splice(index, 1);
}
