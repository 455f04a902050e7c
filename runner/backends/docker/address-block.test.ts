import { expect, test } from "vitest";
import { addressIn, splitBlock } from "./address-block.ts";

test("a block is cut into as many networks as are needed, each a power of two", () => {
  expect(splitBlock("172.20.0.0/16", 3, 30)).toEqual(["172.20.0.0/18", "172.20.64.0/18", "172.20.128.0/18"]);
  expect(splitBlock("192.168.16.0/20", 1, 30)).toEqual(["192.168.16.0/20"]);
  expect(splitBlock("172.20.0.0/16", 256, 253)?.at(-1)).toBe("172.20.255.0/24");
});

test("a block that is too small for the members is none", () => {
  expect(splitBlock("10.0.0.0/24", 2, 125)).toHaveLength(2);
  expect(splitBlock("10.0.0.0/24", 2, 126)).toBeNull();
});

test("members are numbered behind the engine's own address", () => {
  expect(addressIn("172.20.64.0/18", 0)).toBe("172.20.64.2");
  expect(addressIn("172.20.64.0/18", 300)).toBe("172.20.65.46");
  expect(addressIn("255.255.255.0/24", 0)).toBe("255.255.255.2");
});
