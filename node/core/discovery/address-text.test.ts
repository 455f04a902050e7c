import { isIP } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalAddress } from "./address-text.ts";

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["Registry.Example", "registry.example"],
  ["main_node_1", "main_node_1"],
  ["::1", "::1"],
  ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8::0:1", "2001:db8::1"],
  ["fe80:0:0:0:0:0:0:1", "fe80::1"],
  ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
  ["::ffff:127.0.0.1", "127.0.0.1"],
  ["::ffff:7f00:1", "127.0.0.1"],
])("%s is written %s", (text, canonical) => {
  expect(canonicalAddress(text)).toBe(canonical);
});

test.each([
  "",
  "127.1",
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "127.0.0.01",
  "256.0.0.1",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "ff02::1",
  "fe80::1%eth0",
  "::ffff:0.0.0.0",
  "1:2:3:4:5:6:7",
  "1::2::3",
  "1:2:3:4:5:6:7::8",
  "a..b",
  "-a",
  "a-",
  "example.",
  "user@host",
  "host/path",
  "host:80",
  "ho st",
  "[::1]",
  `${"a".repeat(64)}.b`,
  `${"abc.".repeat(64)}d`,
])("%j is no address of one machine", (text) => {
  expect(canonicalAddress(text)).toBeNull();
});

/** What the platform makes of an address inside a URL: the host that a request to it would go to. */
function hostOfUrl(address: string): string | null {
  const text = `http://${address.includes(":") ? `[${address}]` : address}:1/`;
  return URL.canParse(text) ? new URL(text).hostname : null;
}

test("what is taken is written as URLs write it, so a request goes nowhere else; IPv6 alike, but for IPv4 inside it", () => {
  const ipv6 = fc.ipV6();
  const any = fc.oneof(ipv6, fc.ipV4(), fc.ipV4Extended(), fc.domain(), fc.string({ maxLength: 20 }));
  fc.assert(
    fc.property(any, (text) => {
      const canonical = canonicalAddress(text);
      if (canonical === null) return;
      expect(hostOfUrl(canonical)).toBe(canonical.includes(":") ? `[${canonical}]` : canonical);
      expect(canonicalAddress(canonical)).toBe(canonical);
      expect(isIP(canonical) === 0 ? canonical : canonical.toLowerCase()).toBe(canonical);
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(ipv6, (text) => {
      const canonical = canonicalAddress(text);
      if (canonical?.includes(":")) expect(`[${canonical}]`).toBe(hostOfUrl(text));
    }),
    { numRuns: 2_000 },
  );
});
