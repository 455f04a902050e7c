import type { TransactionBody } from "../core/chain/types.ts";
import type { Application, Applications } from "../core/rules/application.ts";
import { betsLabels } from "./bets/labels.ts";
import { BETS } from "./bets/rules.ts";
import { BOARD } from "./board/rules.ts";
import { coinLabels } from "./coin/labels.ts";
import { COIN } from "./coin/rules.ts";

interface ChainApplication {
  readonly rules: Application;
  /** Under what else than its sender a payload is found again; none: nothing. */
  readonly labelsOf: (payload: string) => readonly string[];
}

/** Every application of the chain. All nodes of a version have the same; another one is another version (`PROTOCOL_VERSION`). */
const TABLE: readonly ChainApplication[] = [
  { rules: BOARD, labelsOf: () => [] },
  { rules: COIN, labelsOf: coinLabels },
  { rules: BETS, labelsOf: betsLabels },
];

/** Their rules, for the core. */
export const APPLICATIONS: Applications = new Map(TABLE.map(({ rules }) => [rules.name, rules]));

const LABELS = new Map(TABLE.map(({ rules, labelsOf }) => [rules.name, labelsOf]));

/** Labels of a transaction for the index, with their application before them. */
export function labelsOf(body: TransactionBody): readonly string[] {
  return body.kind === "app" ? (LABELS.get(body.app)?.(body.payload) ?? []) : [];
}
