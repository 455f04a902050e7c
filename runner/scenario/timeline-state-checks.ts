import type { Finding } from "./issues.ts";
import { nodesOf } from "./node-set.ts";
import { listNodes, type TimelineLine } from "./timeline-checks.ts";
import type { FaultWord } from "./timeline-schema.ts";

type NodeState = "up" | "crashed" | "paused";

/** What each word needs its nodes to be, and makes them. */
const TRANSITIONS: Partial<Record<FaultWord, { readonly from: NodeState; readonly to: NodeState }>> = {
  crash: { from: "up", to: "crashed" },
  restart: { from: "crashed", to: "up" },
  pause: { from: "up", to: "paused" },
  resume: { from: "paused", to: "up" },
};

interface Step {
  readonly atUs: number;
  readonly line: TimelineLine;
  readonly word: FaultWord;
}

const UNDONE_BY: Partial<Record<FaultWord, FaultWord>> = { crash: "restart", pause: "resume" };

/** Walks through the run: a node is crashed only while it is up, restarted only after a crash; a heal finds something cut. */
export function checkStates(lines: readonly TimelineLine[], nodeCount: number): Finding[] {
  const findings: Finding[] = [];
  const states = new Array<NodeState>(nodeCount).fill("up");
  let hasCut = false;
  for (const { line, word } of inOrder(lines)) {
    const { entry, index } = line;
    if (word === "partition" || word === "isolate") hasCut = true;
    if (word === "heal" && !hasCut)
      findings.push({
        path: ["timeline", index, "heal"],
        at: "value",
        message: "nothing has been cut before",
      });
    const transition = TRANSITIONS[word];
    const ranges = entry.crash ?? entry.restart ?? entry.pause ?? entry.resume;
    if (transition === undefined || ranges === undefined) continue;
    const nodes = nodesOf(ranges, nodeCount);
    const wrong = nodes.filter((node) => states[node] !== transition.from);
    for (const node of nodes) states[node] = transition.to;
    if (wrong.length === 0) continue;
    findings.push({
      path: ["timeline", index, line.word === word ? word : "for"],
      at: "value",
      message: `${listNodes(wrong)} not ${transition.from} at that time`,
    });
  }
  return findings;
}

/** Lines and the ends of their `for:`, by time, then by line. */
function inOrder(lines: readonly TimelineLine[]): Step[] {
  const steps = lines.flatMap((line): Step[] => {
    const { entry, word } = line;
    const undoneBy = UNDONE_BY[word];
    const start = { atUs: entry.at.us, line, word };
    if (entry.for === undefined || undoneBy === undefined) return [start];
    return [start, { atUs: entry.at.us + entry.for.us, line, word: undoneBy }];
  });
  return steps.sort((x, y) => x.atUs - y.atUs || x.line.index - y.line.index);
}
