/** One line of `npm run bench:node`: a figure of a real node, and the same figure of the plain way to do it. */
export interface BenchLine {
  /** As `--only` takes it. */
  readonly name: string;
  readonly unit: string;
  readonly aim: number;
  readonly least: number;
  /** Whether more is better; an aim of memory or time is one to stay below. */
  readonly isMoreBetter: boolean;
  /** What the plain way is, in words. */
  readonly plain: string;
  /** Prepares once, then measures both in turn as often as it is asked: the speed of a machine drifts, and a ratio does not. */
  prepare(): Promise<PreparedLine>;
}

export interface PreparedLine {
  measure(): Promise<BenchPair>;
  close(): Promise<void>;
}

export interface BenchPair {
  readonly ours: number;
  readonly plain: number;
  /** Processor time of the node for each, us: what is left of the figure on a machine that others use too. Null: not told. */
  readonly cpuUsEach?: number | null;
  /** The same of the load process: where it is more than the node's, it is the load that bounds the figure. */
  readonly loadCpuUsEach?: number | null;
}
