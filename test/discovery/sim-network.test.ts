import fc from "fast-check";
import { expect, test } from "vitest";
import { entryOrigin } from "../../node/core/discovery/node-entry.ts";
import { MICROS_PER_SEC } from "../../node/core/support/micros.ts";
import {
  partCount,
  SimNetwork,
  type SimNetworkSettings,
  type SimNode,
  tellersOfDead,
} from "./sim-network.ts";

const SECOND = MICROS_PER_SEC;
const MINUTE = 60 * SECOND;

const seeds = fc.nat().map(String);

/** Thirty nodes that know only the registry, started over two seconds. */
function thirtyNodes(settings: SimNetworkSettings): SimNetwork {
  const network = new SimNetwork(settings);
  for (let count = 0; count < 30; count += 1) {
    network.start();
    network.runFor(network.draws.integer(SECOND / 8));
  }
  return network;
}

/** Kills ten and starts ten, several times; what is wrong 15 seconds after each time, in words. */
function churn(network: SimNetwork, rounds: number): string[] {
  const faults: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const node of network.draws.shuffle(network.alive).slice(0, 10)) network.kill(node);
    for (let count = 0; count < 10; count += 1) network.start();
    network.runFor(15 * SECOND);
    if (partCount(network.alive) !== 1) faults.push(`round ${round}: ${partCount(network.alive)} parts`);
    network.runFor(network.draws.integer(2 * MINUTE));
    // A node is asked once a minute, give or take a tenth, and may have told of another just before that one died.
    faults.push(...tellersOfDead(network, 2.5 * MINUTE));
  }
  return faults;
}

test("thirty nodes that know only the registry are connected ten seconds after the last started", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const network = thirtyNodes({ seed });
      network.runFor(10 * SECOND);
      expect(partCount(network.alive)).toBe(1);
    }),
    { numRuns: 20 },
  );
});

test("a network stays connected while a third of it is exchanged again and again, and the dead are forgotten", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const network = thirtyNodes({ seed });
      network.runFor(10 * SECOND);
      expect(churn(network, 6)).toEqual([]);
    }),
    { numRuns: 8 },
  );
}, 60_000);

test("planted bugs are found: nodes that introduce themselves to nobody, and nodes that believe hearsay", () => {
  const silent = thirtyNodes({ seed: "1", bug: "introduces-itself-to-nobody" });
  silent.runFor(10 * SECOND);
  expect(partCount(silent.alive)).toBe(30);
  const credulous = thirtyNodes({ seed: "1", bug: "believes-hearsay", knownEnough: 1_000 });
  credulous.runFor(10 * SECOND);
  expect(churn(credulous, 6).join()).toContain("tells of");
});

test("every node lists every other once and never itself, and links by its own choice with eight", () => {
  const network = thirtyNodes({ seed: "7", knownEnough: 1_000 });
  network.runFor(3 * MINUTE);
  const everyone = network.alive.map(({ entry }) => entryOrigin(entry)).sort();
  for (const { entry, discovery, links } of network.alive) {
    const own = entryOrigin(entry);
    expect(discovery.nodes.listed.map(entryOrigin).sort()).toEqual(everyone.filter((each) => each !== own));
    expect(links.size).toBeGreaterThanOrEqual(8);
  }
  const linkCount = network.alive.reduce((sum, { links }) => sum + links.size, 0) / 2;
  expect(linkCount).toBeLessThanOrEqual(30 * 8);
});

test("restarted nodes find each other by their files while the registry is down", () => {
  const network = thirtyNodes({ seed: "3" });
  network.runFor(2 * MINUTE);
  const before = network.alive.map(({ entry, discovery }) => ({ entry, known: discovery.nodes.listed }));
  for (const node of network.alive) network.kill(node);
  network.registry.isAlive = false;
  network.runFor(MINUTE);
  for (const { entry, known } of before) network.start(known, entry);
  network.runFor(15 * SECOND);
  expect(partCount(network.alive)).toBe(1);
});

test("halves of a network that was cut for an hour grow together, though each node knows and is linked with enough", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const network = thirtyNodes({ seed });
      network.runFor(2 * MINUTE);
      const half = (port: number) => port % 2;
      network.cut((source, target) => target.port === 42_020 || half(source.port) === half(target.port));
      network.runFor(60 * MINUTE);
      expect(partCount(network.alive)).toBe(2);
      network.cut(() => true);
      // Five refreshes until the next that leaves nothing out, and five until the exchange of a link.
      network.runFor(12 * MINUTE);
      expect(partCount(network.alive)).toBe(1);
    }),
    { numRuns: 2 },
  );
}, 60_000);

test("a registry that lost its list learns of all again, and newcomers join the old network; without that they would not", () => {
  const parts = (bug?: "never-tells-the-registry-again") => {
    const network = thirtyNodes({ seed: "5", ...(bug === undefined ? {} : { bug }) });
    network.runFor(2 * MINUTE);
    network.replaceRegistry();
    network.runFor(6 * MINUTE);
    for (let count = 0; count < 12; count += 1) network.start();
    network.runFor(20 * SECOND);
    return partCount(network.alive);
  };
  expect(parts()).toBe(1);
  expect(parts("never-tells-the-registry-again")).toBeGreaterThan(1);
});

test("a seed has one history", () => {
  const history = () => {
    const network = thirtyNodes({ seed: "9" });
    churn(network, 2);
    return network.alive.map(({ entry, links }) => [entryOrigin(entry), ...links]);
  };
  expect(history()).toEqual(history());
});

test("peers that a node finds slow are replaced while it knows others, and the network stays connected", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const network = thirtyNodes({ seed });
      network.runFor(10 * SECOND);
      const [slow] = network.draws.shuffle(network.alive);
      if (slow === undefined) throw new Error("nobody");
      const origin = entryOrigin(slow.entry);
      const finders = network.alive.filter(({ links }) => links.has(origin));
      for (const { slow: found } of finders) found.add(origin);
      network.runFor(4 * SECOND);
      // Only whoever is linked with all that it knows keeps it.
      const isSpared = ({ links, discovery }: SimNode) =>
        discovery.nodes.listedNodes.every(
          ({ entry, isProven }) => !isProven || links.has(entryOrigin(entry)),
        );
      for (const finder of finders) expect(finder.links.has(origin) && !isSpared(finder)).toBe(false);
      expect(finders.filter(({ links }) => !links.has(origin)).length).toBeGreaterThan(0);
      expect(partCount(network.alive.filter((node) => node !== slow))).toBe(1);
      // Whoever had not found it slow may link with it.
      network.runFor(30 * SECOND);
      expect(partCount(network.alive)).toBe(1);
    }),
    { numRuns: 8 },
  );
});
