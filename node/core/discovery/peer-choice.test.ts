import { expect, test } from "vitest";
import { Prng } from "../support/prng.ts";
import type { NodeEntry } from "./node-entry.ts";
import { choosePeers } from "./peer-choice.ts";

function on(host: string, count: number, firstPort = 1): NodeEntry[] {
  return Array.from({ length: count }, (_, index) => ({ ip_address: host, port: firstPort + index }));
}

function countOn(host: string, chosen: readonly NodeEntry[]): number {
  return chosen.filter(({ ip_address }) => ip_address === host).length;
}

test("a host with a hundred nodes gets one share of the links, like any other host", () => {
  const candidates = [
    ...on("10.0.0.1", 100),
    ...on("10.0.0.2", 1),
    ...on("10.0.0.3", 1),
    ...on("10.0.0.4", 1),
  ];
  for (let seed = 0; seed < 50; seed += 1) {
    const chosen = choosePeers(candidates, [], 4, new Prng(String(seed)));
    expect(countOn("10.0.0.1", chosen)).toBe(1);
    expect(chosen).toHaveLength(4);
  }
});

test("hosts on which links are held already come last", () => {
  const linked = on("10.0.0.1", 2, 1_000);
  const chosen = choosePeers([...on("10.0.0.1", 5), ...on("10.0.0.2", 5)], linked, 3, new Prng("1"));
  expect(countOn("10.0.0.2", chosen)).toBeGreaterThanOrEqual(2);
});

test("where there is but one host, its nodes are chosen, each once", () => {
  const chosen = choosePeers(on("127.0.0.1", 20), [], 8, new Prng("1"));
  expect(new Set(chosen.map(({ port }) => port)).size).toBe(8);
  expect(choosePeers(on("127.0.0.1", 3), [], 8, new Prng("1"))).toHaveLength(3);
  expect(choosePeers([], [], 8, new Prng("1"))).toEqual([]);
});

test("every candidate of one host is as likely, within five standard errors", () => {
  const counts = new Array<number>(20).fill(0);
  const rounds = 4_000;
  for (let seed = 0; seed < rounds; seed += 1)
    for (const { port } of choosePeers(on("127.0.0.1", 20), [], 5, new Prng(String(seed))))
      counts[port - 1] = (counts[port - 1] ?? 0) + 1;
  const expected = rounds / 4;
  const deviation = Math.sqrt(rounds * 0.25 * 0.75);
  for (const count of counts) expect(Math.abs(count - expected)).toBeLessThan(5 * deviation);
});
