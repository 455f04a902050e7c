import type { ScenarioSettings } from "./schema.ts";

/** A scenario that has passed every check, ready to be planned. */
export interface Scenario extends Readonly<ScenarioSettings> {
  /** The file as plain data, after overrides, before defaults and decoding: what the manifest keeps. */
  readonly document: Readonly<Record<string, unknown>>;
}
