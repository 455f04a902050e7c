import { describe, expect, test } from "vitest";
import { Prng } from "../../node/core/support/prng.ts";
import { SimDisk, WriteInterrupted } from "../../runner/backends/sim/sim-disk.ts";
import { BlockAuthor } from "../support/mined-blocks.ts";
import { ACKNOWLEDGES_BEFORE_IT_WRITES, TAKES_TORN_RECORDS_FOR_WHOLE } from "./planted-bugs.ts";
import { drawScenario } from "./random-scenario.ts";
import { type PlantedBug, runScenario } from "./run-scenario.ts";
import { describeFailure } from "./seed-report.ts";

const SEED_COUNT = 25;

describe("whatever a disk loses, tears or lets rot, no acknowledged block is lost, and what rotted comes again", () => {
  for (let seed = 1; seed <= SEED_COUNT; seed++)
    test(`seed ${seed}`, () => {
      const { findings } = runScenario(drawScenario(seed), { diskFaults: true });
      expect(describeFailure(seed, findings)).toBe("");
    });
});

describe("the suite finds planted bugs", () => {
  const planted: readonly [string, PlantedBug, RegExp][] = [
    [
      "a store that acknowledges before it writes",
      ACKNOWLEDGES_BEFORE_IT_WRITES,
      /has lost the stored block/,
    ],
    [
      "a start that takes torn records for whole",
      TAKES_TORN_RECORDS_FOR_WHOLE,
      /speaks of .*, which it has not stored|holds .* without its parent/,
    ],
  ];
  for (const [name, bug, expected] of planted)
    test(name, () => {
      const found: string[] = [];
      for (let seed = 1; seed <= SEED_COUNT; seed++)
        found.push(
          ...runScenario(drawScenario(seed), { bug, diskFaults: true }).findings.filter((finding) =>
            expected.test(finding),
          ),
        );
      expect(found).not.toEqual([]);
    });
});

test("a disk keeps what was synced, and of the write in which its process died nothing, a part or all of it", () => {
  const author = new BlockAuthor();
  const [first, second, third] = author.chain(author.genesis, 3);
  if (first === undefined || second === undefined || third === undefined) expect.fail("no blocks");
  const left = new Set<string>();
  for (let seed = 1; seed <= 30; seed++) {
    const disk = new SimDisk(1, new Prng(String(seed)));
    disk.append(0, first);
    disk.dieWriting(0, 1);
    disk.append(0, second);
    expect(() => disk.append(0, third)).toThrow(WriteInterrupted);
    disk.crashed(0);
    expect(disk.wholeBlocks(0).slice(0, 2)).toEqual([first, second]);
    left.add(
      disk
        .found(0)
        .map(({ hasBody }) => (hasBody ? "whole" : "torn"))
        .join(" "),
    );
  }
  expect([...left].sort()).toEqual(["whole whole", "whole whole torn", "whole whole whole"]);
});
