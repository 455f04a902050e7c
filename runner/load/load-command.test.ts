import { expect, test, vi } from "vitest";
import { parseLoadCommand } from "./load-command.ts";

function refusalOf(...words: string[]): string {
  const said: string[] = [];
  using _ = vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  expect(parseLoadCommand(words)).toEqual({ kind: "exit", status: 3 });
  return said.join("");
}

test("nothing said is a modest load of posts on the nodes of a registry here", () => {
  expect(parseLoadCommand([])).toEqual({
    kind: "run",
    options: {
      perSec: 5,
      kind: "post",
      feeMax: 0,
      accountCount: 64,
      seed: "load",
      durationMs: null,
      registryUrl: "http://127.0.0.1:42020",
      nodeUrls: [],
    },
  });
});

test("values carry their units, and nodes may be repeated", () => {
  const words =
    "--rate 2.5/s --for 1.5min --node http://a:1/ --node http://b:2 --registry http://r:3/registry/";
  expect(parseLoadCommand(words.split(" "))).toMatchObject({
    options: {
      perSec: 2.5,
      durationMs: 90_000,
      nodeUrls: ["http://a:1", "http://b:2"],
      registryUrl: "http://r:3/registry",
    },
  });
});

test.each([
  [["--rate", "5"], "a rate such as 5/s"],
  [["--rate", "0/s"], "above 0"],
  [["--for", "60"], "a duration such as 60s"],
  [["--accounts", "1"], "a whole number from 2"],
  [["--node", "a:1"], "an address such as http://"],
  [["--kind", "bet"], "Allowed choices are post, transfer, mixed"],
  [["--rat", "5/s"], "unknown option"],
])("%j is refused, and told what is accepted", (words, accepted) => {
  expect(refusalOf(...words)).toContain(accepted);
});
