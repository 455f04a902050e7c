import { expect, test } from "vitest";
import { Prng } from "../support/prng.ts";
import { KnownNodes } from "./known-nodes.ts";
import type { NodeEntry } from "./node-entry.ts";
import { type Answer, ASKED_COUNT_MAX, type Ask, HEARD_COUNT_MAX, Refresh } from "./refresh.ts";

const REGISTRY = { ip_address: "10.0.0.99", port: 42_020 };

function aNode(number: number): NodeEntry {
  return { ip_address: "10.0.0.1", port: 5_000 + number };
}

function numbered(from: number, to: number): NodeEntry[] {
  return Array.from({ length: to - from + 1 }, (_, index) => aNode(from + index));
}

interface World {
  readonly known: readonly NodeEntry[];
  readonly dead?: readonly NodeEntry[];
  /** What each living node tells of. */
  readonly tells?: readonly NodeEntry[];
  /** Null: it is down. */
  readonly registry?: readonly NodeEntry[] | null;
  readonly knownEnough?: number;
  readonly isFull?: boolean;
  readonly isNode?: boolean;
}

/** Takes a refresh to its end; what was asked, in words, and who is listed then. */
function run(world: World) {
  const { known, dead = [], tells = [], registry = [], knownEnough = 10 } = world;
  const nodes = new KnownNodes({ countMax: 1_000, retryUs: 60 });
  for (const entry of known) nodes.introduce(entry, 0);
  const { isFull = false, isNode = true } = world;
  const refresh = new Refresh(nodes, {
    registry: REGISTRY,
    isNode,
    knownEnough,
    isFull,
    draws: new Prng("1"),
  });
  const asked: string[] = [];
  const answer = ({ kind, target }: Ask): Answer => {
    const failed = { kind: "failed", reason: "down" } as const;
    if (target === REGISTRY && registry === null) return failed;
    if (kind === "nodes") return { kind: "nodes", nodes: target === REGISTRY ? (registry ?? []) : tells };
    return dead.some(({ port }) => port === target.port) ? failed : { kind: "alive" };
  };
  const waiting = refresh.start(0);
  for (let ask = waiting.shift(); ask !== undefined; ask = waiting.shift()) {
    expect(refresh.isOver).toBe(false);
    asked.push(`${ask.kind} ${ask.target === REGISTRY ? "registry" : ask.target.port - 5_000}`);
    waiting.push(...refresh.answer(ask, answer(ask), 0));
  }
  expect(refresh.isOver).toBe(true);
  return { asked, listed: nodes.listed.map(({ port }) => port - 5_000) };
}

test("known nodes that do not answer are dropped; enough that do end the refresh", () => {
  const { asked, listed } = run({ known: numbered(1, 4), dead: [aNode(2)], knownEnough: 3 });
  expect(asked).toEqual(["check 1", "check 2", "check 3", "check 4"]);
  expect(listed).toEqual([1, 3, 4]);
});

test("with too few, those whom the known ones know are taken over, if they answer; the registry is left alone then", () => {
  const { asked, listed } = run({
    known: [aNode(1)],
    tells: numbered(1, 4),
    dead: [aNode(3)],
    knownEnough: 3,
  });
  expect(asked.slice(0, 2)).toEqual(["check 1", "nodes 1"]);
  expect(asked.slice(2).sort()).toEqual(["check 2", "check 3", "check 4"]);
  expect(listed.sort()).toEqual([1, 2, 4]);
});

test("with too few still, it introduces itself to the registry and then asks for its list", () => {
  const { asked, listed } = run({ known: [aNode(1)], registry: [aNode(7)] });
  expect(asked).toEqual(["check 1", "nodes 1", "introduce registry", "nodes registry", "check 7"]);
  expect(listed).toEqual([1, 7]);
});

test("one that knows nobody asks the registry alone; a registry that is down ends it", () => {
  expect(run({ known: [], registry: [] }).asked).toEqual(["introduce registry", "nodes registry"]);
  expect(run({ known: [], registry: null }).asked).toEqual(["introduce registry"]);
});

test("a registry asks another one without introducing itself", () => {
  expect(run({ known: [], registry: [aNode(1)], isNode: false }).asked).toEqual([
    "nodes registry",
    "check 1",
  ]);
});

test("a full refresh leaves no step out, however many are known", () => {
  const { asked } = run({ known: numbered(1, 3), knownEnough: 1, isFull: true });
  expect(asked.slice(3).sort()).toEqual([
    "introduce registry",
    "nodes 1",
    "nodes 2",
    "nodes 3",
    "nodes registry",
  ]);
});

test("few of many known nodes are asked, and what one liar can add is bounded", () => {
  const { asked } = run({ known: numbered(1, 30), knownEnough: 500 });
  expect(asked.filter((ask) => ask.startsWith("nodes") && ask !== "nodes registry")).toHaveLength(
    ASKED_COUNT_MAX,
  );
  const lied = run({ known: [aNode(1)], tells: numbered(2, 900), dead: numbered(2, 900), knownEnough: 2 });
  expect(lied.asked.filter((ask) => ask.startsWith("check"))).toHaveLength(1 + HEARD_COUNT_MAX);
  expect(lied.listed).toEqual([1]);
});

test("no node is asked twice whether it lives", () => {
  const { asked } = run({ known: numbered(1, 3), tells: numbered(1, 5), registry: numbered(1, 6) });
  const checks = asked.filter((ask) => ask.startsWith("check"));
  expect(new Set(checks).size).toBe(checks.length);
});

test("an answer to something that was not asked is a mistake of ours", () => {
  const nodes = new KnownNodes({ countMax: 10, retryUs: 60 });
  const settings = { registry: null, isNode: true, knownEnough: 1, isFull: false, draws: new Prng("1") };
  const refresh = new Refresh(nodes, settings);
  expect(() => refresh.answer({ kind: "check", target: aNode(1) }, { kind: "alive" }, 0)).toThrow("not open");
});

test("what turns out to be this node itself is never listed again", () => {
  const nodes = new KnownNodes({ countMax: 10, retryUs: 60 });
  nodes.introduce(aNode(1), 0);
  const settings = { registry: null, isNode: true, knownEnough: 1, isFull: false, draws: new Prng("1") };
  const refresh = new Refresh(nodes, settings);
  const [ask] = refresh.start(0);
  if (ask !== undefined) refresh.answer(ask, { kind: "self" }, 0);
  expect(nodes.introduce(aNode(1), 1)).toBe(false);
});
