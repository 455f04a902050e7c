import { invariant } from "../../node/core/support/invariant.ts";
import type { Micros } from "../../node/core/support/micros.ts";
import type { LatencyModel } from "../../node/link/latency.ts";
import type { Fault, PlannedEdge, PlannedFault } from "../plan.ts";
import { describeLine } from "./describe-line.ts";
import { toLatencyModel } from "./latency-model.ts";
import { CutLayers, crossing, type Link, linksOf, touching } from "./links.ts";
import { nodesOf } from "./node-set.ts";
import { OverrideLayers } from "./override-layers.ts";
import type { Scenario } from "./scenario.ts";
import { wordsOf } from "./timeline-checks.ts";
import type { FaultWord, TimelineEntry } from "./timeline-schema.ts";

interface Base {
  readonly edges: readonly PlannedEdge[];
  readonly uplinkBitsPerSec: number | null;
  readonly lossRatio: number;
}

interface Step {
  readonly atUs: Micros;
  readonly index: number;
  readonly entry: TimelineEntry;
  readonly word: FaultWord;
  readonly isEnd: boolean;
}

/** The timeline resolved to links and nodes, in the order of time, then of the file. Draws nothing. */
export function planTimeline(scenario: Scenario, base: Base): PlannedFault[] {
  const planner = new TimelinePlanner(scenario.nodes.count, base);
  return stepsOf(scenario.timeline).flatMap((step) => {
    const line = describeLine(scenario.document, step.index);
    const description = step.isEnd ? `end of ${line}` : line;
    return planner
      .faultsOf(step)
      .map((fault) => ({ index: step.index, atUs: step.atUs, description, fault }));
  });
}

function stepsOf(timeline: readonly TimelineEntry[]): Step[] {
  const steps = timeline.flatMap((entry, index): Step[] => {
    const [word] = wordsOf(entry);
    invariant(word !== undefined, `line ${index} of the timeline has no word`);
    const start = { atUs: entry.at.us, index, entry, word, isEnd: false };
    return entry.for === undefined
      ? [start]
      : [start, { ...start, atUs: entry.at.us + entry.for.us, isEnd: true }];
  });
  return steps.sort((x, y) => x.atUs - y.atUs || x.index - y.index);
}

/** Resolves one line after the other; knows what earlier lines still hold when one ends. */
class TimelinePlanner {
  readonly #nodeCount: number;
  readonly #base: Base;
  readonly #links: readonly Link[];
  readonly #cuts = new CutLayers();
  readonly #layers: Record<ChangeWord, OverrideLayers<Change>>;

  constructor(nodeCount: number, base: Base) {
    this.#nodeCount = nodeCount;
    this.#base = base;
    this.#links = linksOf(base.edges);
    const [links, nodes] = [this.#links.length, nodeCount];
    this.#layers = {
      latency: new OverrideLayers(links),
      loss: new OverrideLayers(links),
      bandwidth: new OverrideLayers(nodes),
      hashRate: new OverrideLayers(nodes),
    };
  }

  faultsOf(step: Step): Fault[] {
    const { entry, word, index, isEnd } = step;
    switch (word) {
      case "partition":
      case "isolate":
        return isEnd ? this.#uncut(index) : [this.#cut(entry, index)];
      case "heal":
        return [this.#heal(entry.heal ?? "all")];
      case "crash":
        return [{ word: isEnd ? "restart" : "crash", nodes: this.#nodes(entry.crash) }];
      case "pause":
        return [{ word: isEnd ? "resume" : "pause", nodes: this.#nodes(entry.pause) }];
      case "restart":
      case "resume":
        return [{ word, nodes: this.#nodes(entry[word]) }];
      default:
        return isEnd ? this.#endChange(word, index) : [this.#change(word, entry, index)];
    }
  }

  #nodes(ranges: TimelineEntry["nodes"]): number[] {
    return nodesOf(ranges ?? [{ first: 0, last: Number.POSITIVE_INFINITY }], this.#nodeCount);
  }

  #cut({ partition, isolate }: TimelineEntry, index: number): Fault {
    const cut =
      partition === undefined
        ? touching(this.#links, this.#nodes(isolate))
        : "from" in partition
          ? crossing(this.#links, [this.#nodes(partition.from), this.#nodes(partition.to)], "forward")
          : crossing(
              this.#links,
              partition.map((group) => this.#nodes(group)),
              "both",
            );
    this.#cuts.cut(cut, index);
    return { word: "partition", cut };
  }

  #uncut(index: number): Fault[] {
    const links = this.#cuts.release(index);
    return links.length === 0 ? [] : [{ word: "heal", links }];
  }

  #heal(heal: NonNullable<TimelineEntry["heal"]>): Fault {
    if (heal === "all") {
      this.#cuts.clear(null);
      return { word: "heal", links: null };
    }
    const links = crossing(
      this.#links,
      heal.map((group) => this.#nodes(group)),
      "both",
    );
    this.#cuts.clear(links);
    return { word: "heal", links };
  }

  #change(word: ChangeWord, entry: TimelineEntry, index: number): Fault {
    const change = changeOf(word, entry);
    const keys = entry.nodes === undefined ? null : this.#keys(word, this.#nodes(entry.nodes));
    this.#layers[word].add(index, keys, change);
    return this.#toFault(change, keys);
  }

  #endChange(word: ChangeWord, index: number): Fault[] {
    return this.#layers[word]
      .end(index)
      .map(({ keys, value }) => this.#toFault(value ?? this.#before(word), keys));
  }

  /** What held before the timeline. */
  #before(word: ChangeWord): Change {
    if (word === "loss") return { word, value: this.#base.lossRatio };
    if (word === "bandwidth") return { word, value: this.#base.uplinkBitsPerSec };
    return { word, value: null };
  }

  /** Nodes for bandwidth and hash rate; for latency and loss the positions of the links that touch them. */
  #keys(word: ChangeWord, nodes: readonly number[]): readonly number[] {
    if (word === "bandwidth" || word === "hashRate") return nodes;
    const chosen = new Set(touching(this.#links, nodes));
    return Array.from(this.#links.keys()).filter((key) => chosen.has(this.#links[key] as Link));
  }

  #toFault(change: Change, keys: readonly number[] | null): Fault {
    const nodes = keys ?? Array.from({ length: this.#nodeCount }, (_, node) => node);
    const links = keys === null ? null : keys.map((key) => this.#links[key] as Link);
    switch (change.word) {
      case "latency":
        return { word: "latency", links, latency: change.value };
      case "loss":
        return { word: "loss", links, ratio: change.value };
      case "bandwidth":
        return { word: "bandwidth", nodes, bitsPerSec: change.value };
      case "hashRate":
        return { word: "hashRate", nodes, hashesPerSec: change.value };
    }
  }
}

type ChangeWord = "latency" | "loss" | "bandwidth" | "hashRate";

type Change =
  | { readonly word: "latency"; readonly value: LatencyModel | null }
  | { readonly word: "loss"; readonly value: number }
  | { readonly word: "bandwidth" | "hashRate"; readonly value: number | null };

function changeOf(word: ChangeWord, { latency, loss, bandwidth, hashRate }: TimelineEntry): Change {
  if (word === "latency" && latency !== undefined) return { word, value: toLatencyModel(latency) };
  if (word === "loss" && loss !== undefined) return { word, value: loss.ratio };
  if (word === "bandwidth" && bandwidth !== undefined) return { word, value: bandwidth.bitsPerSec };
  invariant(word === "hashRate" && hashRate !== undefined, `a line without its word ${word}`);
  return { word, value: hashRate.hashesPerSec };
}
