import { expect, test } from "vitest";
import { Prng } from "../../node/core/support/prng.ts";
import { judgeBandwidth as judge, type UplinkMeasure } from "./judge-bandwidth.ts";

const judgeBandwidth = (measures: readonly UplinkMeasure[], nodeCount = 1) => judge(measures, nodeCount);

/** The largest second message of a measure, bytes. */
const BYTES_MAX = 16 * 1024 * 1024;

/** A pair that the node made for 300 ms of the rate it has in force, and what its uplink made of it. */
function measured(asked: number | null, inForce: number | null, machineMs = 0, node = "a"): UplinkMeasure {
  const bytes = inForce === null ? BYTES_MAX : Math.min(BYTES_MAX, Math.ceil((inForce * 0.3) / 8));
  const linkMs = inForce === null ? 0 : (bytes * 8) / (inForce / 1_000);
  return { node, askedBitsPerSec: asked, bytes, spacingMs: linkMs + machineMs };
}

const RATES = [2_000, 50_000, 1_000_000, 20_000_000, 400_000_000, 1_000_000_000, null];

test("the rate that was asked is believed, any other is not, whatever a machine adds or takes up to 45 ms", () => {
  const prng = new Prng("bandwidth");
  for (const asked of RATES)
    for (const inForce of RATES)
      for (let round = 0; round < 20; round += 1) {
        const { probed } = judgeBandwidth([measured(asked, inForce, 90 * prng.uniform() - 45)]);
        expect(probed, `${inForce} for ${asked} bit/s`).toBe(asked === inForce);
      }
});

test("a rate more than a sixth too high or too low is found out", () => {
  for (const share of [0.5, 0.83, 1.17, 2])
    expect(judgeBandwidth([measured(1e6, share * 1e6)]).probed).toBe(false);
});

test("pairs that a busy machine spoilt are forgiven if another of the node is right, not if one of another node is", () => {
  const spoilt = measured(1e6, 1e6, 70);
  expect(judgeBandwidth([spoilt, measured(1e6, 1e6, -80), measured(1e6, 1e6, 5)]).probed).toBe(true);
  expect(judgeBandwidth([spoilt, measured(1e6, 1e6, -80), measured(1e6, 1e6, 5, "b")]).probed).toBe(false);
});

test("one node of many that was not told is found, with what it sends instead", () => {
  const others = Array.from({ length: 11 }, (_, i) => measured(10e6, 10e6, 1, `node-${i}`));
  expect(judgeBandwidth([...others, measured(10e6, null, 2)])).toEqual({
    probed: false,
    evidence: "asked 10 Mbit/s, measured: a no limit",
  });
  expect(judgeBandwidth([measured(null, 2.5e6)])).toEqual({
    probed: false,
    evidence: "asked no limit, measured: a 2.5 Mbit/s",
  });
});

test("a rate that no pair can tell from no limit is not said to be seen", () => {
  expect(judgeBandwidth([measured(2e9, 2e9, 3)])).toEqual({
    probed: null,
    evidence: "2 Gbit/s is too fast to be told from no limit by a message of 16.8 MB",
  });
  expect(judgeBandwidth([measured(2e9, 1e6)]).probed).toBe(false);
  expect(judgeBandwidth([])).toMatchObject({ probed: null });
});

test("the evidence tells what was seen, and what it cost", () => {
  expect(judgeBandwidth([measured(10e6, 10e6, 1.04), measured(10e6, 10e6, 2, "b")], 2).evidence).toBe(
    "from 2 nodes a message of 375 kB came 301.0 to 302.0 ms after a small one sent just before, " +
      "where 10 Mbit/s takes 300.0 ms; for so long it kept the uplink busy",
  );
  expect(judgeBandwidth([measured(null, null, 1)]).evidence).toBe(
    "from 1 node a message of 16.8 MB came at most 1.0 ms after a small one sent just before: no limit",
  );
});
