import { drawLatencyUs, type LatencyModel } from "../../../../node/link/latency.ts";

/**
 * A latency as netem draws it: a middle, and a spread around it that each packet takes a share of, from a table or none. Whole
 * microseconds, since `tc` reads no less.
 */
export interface NetemDelay {
  readonly middleUs: number;
  /** 0: every packet takes the middle, and there is no table. */
  readonly spreadUs: number;
  readonly table: DelayTable | null;
}

/** The shape of a spread, whatever its size. */
export interface DelayTable {
  /** Of the file that holds it, without `.dist`: the same for the same shape. */
  readonly name: string;
  readonly values: readonly number[];
}

/** As many as iproute2's own tables have. The slowest of them stands for the 8,192nd part of all packets that are slower still. */
const TABLE_LENGTH = 4_096;

/** What a value of a table counts for: so many are one spread. Source: Linux, net/sched/sch_netem.c, NETEM_DIST_SCALE. */
const TABLE_SCALE = 8_192;

/** The kernel keeps a value in 16 bits. */
const TABLE_VALUE_MAX = 32_767;

/** In which the shapes are computed: large beside the microseconds to which latencies are rounded. */
const UNIT_US = 1_000_000_000;

/**
 * What netem needs for this latency. Its own formula is `middle + spread * value / 8192`, with a value that it takes from the table at random; so
 * a table of quantiles between the least and the most gives any distribution. A table is stated for uniform ones too, which netem has built in:
 * whoever states none when a link changes keeps the one before.
 */
export function netemDelay(model: LatencyModel): NetemDelay {
  const shape = shapeOf(model);
  if (shape === null) return { middleUs: drawLatencyUs(model, 0.5), spreadUs: 0, table: null };
  const { middle, spread, table } = tabulated(shape);
  const middleUs = Math.round(shape.offsetUs + middle * shape.unitUs);
  const spreadUs = Math.round(spread * shape.unitUs);
  return { middleUs, spreadUs, table: spreadUs === 0 ? null : table };
}

interface Tabulated {
  /** In units of the shape. */
  readonly middle: number;
  readonly spread: number;
  readonly table: DelayTable;
}

/** Shapes that are kept; a network of more different ones is slower to change, not wrong. */
const SHAPE_COUNT_MAX = 64;
const known = new Map<string, Tabulated>();

function tabulated({ name, model }: Shape): Tabulated {
  const before = known.get(name);
  if (before !== undefined) return before;
  const quantiles = Array.from({ length: TABLE_LENGTH }, (_, i) => quantile(model, (i + 0.5) / TABLE_LENGTH));
  const [least = 0, most = 0] = [quantiles[0], quantiles.at(-1)];
  const middle = (least + most) / 2;
  const spread = (((most - least) / 2) * TABLE_SCALE) / TABLE_VALUE_MAX;
  const values = quantiles.map((each) => Math.round(((each - middle) / spread) * TABLE_SCALE));
  if (known.size === SHAPE_COUNT_MAX) known.clear();
  const made = { middle, spread, table: { name, values } };
  known.set(name, made);
  return made;
}

interface Shape {
  readonly name: string;
  /** With a size of one unit. */
  readonly model: LatencyModel;
  readonly unitUs: number;
  readonly offsetUs: number;
}

/** Null: no packet takes another time than the next. */
function shapeOf(model: LatencyModel): Shape | null {
  switch (model.kind) {
    case "constant":
      return null;
    case "uniform": {
      const unitUs = model.maxUs - model.minUs;
      if (unitUs === 0) return null;
      const unit = { kind: "uniform", minUs: 0, maxUs: UNIT_US } as const;
      return { name: "uniform", model: unit, unitUs, offsetUs: model.minUs };
    }
    case "exponential": {
      const unit = { kind: "exponential", meanUs: UNIT_US } as const;
      return { name: "exponential", model: unit, unitUs: model.meanUs, offsetUs: 0 };
    }
    case "lognormal": {
      const { medianUs, sigma } = model;
      if (sigma === 0) return null;
      const unit = { kind: "lognormal", medianUs: UNIT_US, sigma } as const;
      return { name: `lognormal-${sigma}`, model: unit, unitUs: medianUs, offsetUs: 0 };
    }
  }
}

/** Ascending in `share`, in units. An exponential draw falls with its uniform one. */
function quantile(model: LatencyModel, share: number): number {
  return drawLatencyUs(model, model.kind === "exponential" ? 1 - share : share) / UNIT_US;
}
