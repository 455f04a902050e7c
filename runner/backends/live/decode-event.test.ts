import { expect, test } from "vitest";
import { decodeNodeEvent, toRunEvent } from "./decode-event.ts";

const HASH = "ab".repeat(32);

test("a node's event becomes the run's: its node, and the time since the start", () => {
  const data = JSON.stringify({
    type: "block-mined",
    atUs: 1_700_000_000_250_000.5,
    hash: HASH,
    parentHash: HASH,
    height: 3,
    timeMs: 1_700_000_000_000,
    work: "131072",
    sizeBytes: 300,
    transactionIds: [],
  });
  const decoded = decodeNodeEvent("message", data);
  expect(decoded.kind).toBe("event");
  if (decoded.kind !== "event") return;
  expect(toRunEvent(decoded.event, 4, 1_700_000_000_000_000)).toMatchObject({
    type: "block-mined",
    node: 4,
    atUs: 250_001,
    work: 131_072n,
  });
});

test("the type may stand beside the data instead of in it", () => {
  const data = JSON.stringify({ atUs: 1, hash: HASH });
  expect(decodeNodeEvent("block-received", data)).toEqual({
    kind: "event",
    event: { type: "block-received", atUs: 1, hash: HASH },
  });
});

test("what a sample does not say is null, never 0", () => {
  const decoded = decodeNodeEvent("node-sampled", JSON.stringify({ atUs: 5, height: 2 }));
  expect(decoded).toMatchObject({ kind: "event", event: { height: 2, cpuRatio: null, tipHash: null } });
});

test("a sample's lags are decoded, and are no part of the run's event", () => {
  const lags = (eventLoopLagCounts: unknown) => {
    const decoded = decodeNodeEvent("node-sampled", JSON.stringify({ atUs: 5, eventLoopLagCounts }));
    return decoded.kind === "event" ? decoded.event : null;
  };
  const event = lags([
    [1, 49],
    [30, 1],
  ]);
  expect(event).toHaveProperty("eventLoopLagCounts", [
    [1, 49],
    [30, 1],
  ]);
  expect(event === null ? null : toRunEvent(event, 3, 2)).not.toHaveProperty("eventLoopLagCounts");
  expect(lags([[1, -1]])).toBe(null);
  expect(lags([[0.5, 1]])).toBe(null);
});

test("lost events, other events and nonsense are told apart", () => {
  expect(decodeNodeEvent("gap", "{}").kind).toBe("gap");
  expect(decodeNodeEvent("transaction-accepted", "{}").kind).toBe("ignored");
  expect(decodeNodeEvent("block-received", "{").kind).toBe("malformed");
  expect(decodeNodeEvent("block-received", '{"atUs":1,"hash":"xyz"}').kind).toBe("malformed");
  expect(decodeNodeEvent("never-heard-of", "{}").kind).toBe("malformed");
});
