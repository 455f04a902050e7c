import { expect, test } from "vitest";
import { killRounds } from "./kill-rounds.ts";

test("nodes that are killed under load at random moments start again with every block and transaction they told of", async () => {
  const { findings, killCount, toldBlocks, toldTransactions } = await killRounds(5, "five kills");
  expect(findings).toEqual([]);
  expect(killCount).toBeGreaterThanOrEqual(5);
  expect(toldBlocks).toBeGreaterThan(5);
  expect(toldTransactions).toBeGreaterThan(5);
}, 120_000);
