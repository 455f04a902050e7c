import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { urlOf } from "./url-of.ts";

test("a host that was named is told as it is, an IPv6 address in brackets", () => {
  expect(urlOf("127.0.0.1", 4_001)).toBe("http://127.0.0.1:4001");
  expect(urlOf("::1", 4_001)).toBe("http://[::1]:4001");
  expect(urlOf("node.example", 80)).toBe("http://node.example:80");
});

test("for all addresses it is one that this machine has, and is not loopback where there is another", () => {
  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => `http://${address}:8080`);
  expect(outward.length === 0 ? ["http://127.0.0.1:8080"] : outward).toContain(urlOf("0.0.0.0", 8_080));
  expect(urlOf("::", 8_080)).toBe(urlOf("0.0.0.0", 8_080));
});
