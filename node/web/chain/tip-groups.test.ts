import { expect, test } from "vitest";
import { tipGroups } from "./tip-groups.js";

const self = { name: "here", tip: "t9", height: 9 };
const block = (hash: string, height: number, isBest: boolean) => ({
  ...{ hash, height, isBest },
  ...{ parentHash: "", timeMs: 0, miner: "", chainWork: "0" },
});
const blocks = [block("t7", 7, true), block("s8", 8, false), block("t9", 9, true)];
const peer = (name: string | null, tip: [string, number] | null, up = true) => ({
  ...{ name, url: `http://${name}`, up },
  tip: tip === null ? null : { hash: tip[0], height: tip[1] },
});

test("nodes with one tip are one group; each group says how it stands to this node's chain", () => {
  const peers = [
    peer("same", ["t9", 9]),
    peer("late", ["t7", 7]),
    peer("loser", ["s8", 8]),
    peer("ahead", ["x12", 12]),
    peer("ahead too", ["x12", 12]),
    peer("silent", null),
    peer("gone", ["t9", 9], false),
    peer("elsewhere", ["y9", 9]),
    peer("other side", ["z8", 8]),
    peer("far back", ["w3", 3]),
  ];
  const groups = tipGroups(self, peers, blocks);
  expect(groups.map(({ letter, names, relation }) => [letter, names.join(), relation])).toEqual([
    ["A", "here,same", "this node’s tip"],
    ["B", "ahead,ahead too", "not here yet: ahead, or another branch"],
    ["C", "elsewhere", "another branch, not here"],
    ["D", "loser", "on a branch that this node holds and does not follow"],
    ["E", "other side", "another branch, not here"],
    ["F", "late", "on this node’s chain, 2 behind"],
    ["G", "far back", "below what was looked at of this node’s tree"],
  ]);
  expect(groups.map(({ isKnown }) => isKnown)).toEqual([true, false, false, true, false, true, false]);
});

test("more tips than colours share the last", () => {
  const peers = Array.from({ length: 40 }, (_, index) => peer(`n${index}`, [`x${index}`, 10 + index]));
  const groups = tipGroups(self, peers, blocks);
  expect(Math.max(...groups.map(({ colour }) => colour))).toBe(7);
  expect(groups.at(-1)?.letter).toBe("Z");
});
