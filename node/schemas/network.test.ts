import { expect, test } from "vitest";
import { blockListOf, isIn, readNetwork } from "./network.ts";

function listOf(...texts: string[]) {
  return blockListOf(
    texts.map((text) => {
      const network = readNetwork(text);
      if (network === null) throw new Error(`${text} was refused`);
      return network;
    }),
  );
}

test("an address is in a network when the bits of the prefix agree, at its edges too", () => {
  const list = listOf("172.16.0.0/12", "10.1.2.3", "::1/128", "fd00::/8");
  for (const address of ["172.16.0.0", "172.31.255.255", "10.1.2.3", "::1", "fd12:3456::7"])
    expect([address, isIn(list, address)]).toEqual([address, true]);
  for (const address of ["172.15.255.255", "172.32.0.0", "10.1.2.4", "::2", "fe80::1"])
    expect([address, isIn(list, address)]).toEqual([address, false]);
});

test("an IPv4 address counts the same in the form that a socket for both versions gives it", () => {
  const list = listOf("127.0.0.0/8");
  expect(isIn(list, "::ffff:127.0.0.1")).toBe(true);
  expect(isIn(list, "::ffff:128.0.0.1")).toBe(false);
});

test("what is no address is in no network, not even in that of all", () => {
  const list = listOf("0.0.0.0/0", "::/0");
  expect(isIn(list, "203.0.113.7")).toBe(true);
  for (const text of ["", "localhost", "127.0.0", "::ffff:127.0.0.1.1"]) expect(isIn(list, text)).toBe(false);
});

test("a text that is no network is refused", () => {
  const texts = [
    "",
    "/8",
    "127.0.0.1/33",
    "::1/129",
    "127.0.0.1/",
    "127.0.0.1/8/8",
    "127.0.0.1/-1",
    "fe80::1%eth0",
    "x/8",
  ];
  for (const text of texts) expect([text, readNetwork(text)]).toEqual([text, null]);
});
