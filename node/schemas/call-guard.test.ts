import { expect, test } from "vitest";
import { CallGuard } from "./call-guard.ts";
import { blockListOf, readNetwork } from "./network.ts";

const networks = blockListOf(["10.0.0.0/8", "fc00::/7"].flatMap((text) => readNetwork(text) ?? []));

test.each([
  ["10.1.2.3", null, true],
  ["[fc00::1]", null, true],
  ["169.254.169.254", null, false],
  ["[2001:db8::1]", null, false],
  ["127.0.0.1", "10.1.2.3", false],
  ["203.0.113.5", "203.0.113.5", true],
  ["203.0.113.5", "::ffff:203.0.113.5", true],
  ["203.0.113.5", "203.0.113.6", false],
  ["[2001:db8::1]", "2001:db8::1", true],
])("%s, said by %s: called is %s", (host, caller, isCalled) => {
  expect(new CallGuard(networks, caller).refusalOf(host) === null).toBe(isCalled);
});

function resolved(guard: CallGuard, name: string): Promise<string> {
  return new Promise((resolve) =>
    guard.lookup(name, { all: true }, (error, addresses) =>
      resolve(error === null ? JSON.stringify(addresses) : error.message),
    ),
  );
}

test("a name is called at those of its addresses alone that may be", async () => {
  const guard = new CallGuard(networks, null);
  expect(guard.refusalOf("localhost")).toBeNull();
  expect(await resolved(guard, "localhost")).toBe("localhost is not in a network that may be called");
  const own = await resolved(new CallGuard(networks, "127.0.0.1"), "localhost");
  expect(JSON.parse(own)).toEqual([{ address: "127.0.0.1", family: 4 }]);
});
