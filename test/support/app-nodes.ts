import { expect } from "vitest";
import { chainJson, NodeUnderTest, type Scratch, until } from "./live-process.ts";

export interface TextAnswer {
  readonly status: number;
  readonly text: string;
}

/** Flags of a node whose chain's blocks are made when somebody asks; a coin is 50 units. */
export function appNode(scratch: Scratch, name: string, change: Record<string, unknown> = {}): string[] {
  const chain = scratch.json(`chain-${name}.json`, chainJson(change));
  const flags = ["--name", name, "--dir", scratch.dir(name), "--chain", chain, "--key-seed", name];
  return [...flags, "--log-level", "warn", "--mine", "demand"];
}

/** Nodes that end together. */
export interface ThreeNodes extends AsyncDisposable {
  readonly one: NodeUnderTest;
  readonly two: NodeUnderTest;
  readonly three: NodeUnderTest;
}

/** Three nodes that are not linked yet. */
export async function threeNodes(scratch: Scratch): Promise<ThreeNodes> {
  const start = (name: string) => NodeUnderTest.start(appNode(scratch, name));
  const [one, two, three] = await Promise.all([start("one"), start("two"), start("three")]);
  const end = (node: NodeUnderTest) => node[Symbol.asyncDispose]();
  return {
    one,
    two,
    three,
    [Symbol.asyncDispose]: async () => void (await Promise.all([one, two, three].map(end))),
  };
}

export async function post(
  node: NodeUnderTest,
  path: string,
  body: unknown,
  type = "application/json",
): Promise<TextAnswer> {
  const response = await fetch(node.url + path, {
    method: "POST",
    headers: { "content-type": type },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

export async function get(node: NodeUnderTest, path: string): Promise<TextAnswer> {
  const response = await fetch(node.url + path);
  return { status: response.status, text: await response.text() };
}

/** Until all have the tip of the first. */
export async function agreed(...nodes: readonly NodeUnderTest[]): Promise<void> {
  await until(async () => {
    const tips = await Promise.all(nodes.map(async (node) => (await node.status()).tip));
    return tips.every((tip) => tip === tips[0]) ? true : null;
  });
}

/** Until so many links are up. */
export async function linked(node: NodeUnderTest, count: number): Promise<void> {
  await until(async () => ((await node.status()).peers.up >= count ? true : null));
}

/** Bodies that no client of this system sends: each is answered by a status from 400 to 499, and the node goes on. */
export async function expectNonsenseRefused(node: NodeUnderTest, paths: readonly string[]): Promise<void> {
  const bodies = [
    "",
    "{",
    "[]",
    "null",
    "5",
    "{}",
    '{"__proto__":{"a":1}}',
    '{"constructor":1}',
    `{"author":9007199254740993}`,
    `{"a":"${"x".repeat(600_000)}"}`,
    `{"author":[1],"content":{},"sender":1,"recipient":2,"amount":"3","node_address":7,"nodes":7,"playername":1,"matchid":{},"newnodeurl":1}`,
    `{"author":"\\ud800","content":"x","sender":"\\ud800","recipient":"b","amount":1,"playername":"\\ud800","matchid":1,"teamonescore":1,"teamtwoscore":1,"node_address":"\\ud800","newnodeurl":"\\ud800","nodes":["\\ud800"]}`,
  ];
  for (const path of paths) {
    for (const body of bodies) {
      const { status, text } = await post(node, path, body);
      const isAccepted = status === 200 && text === "New block rejected.";
      expect([
        path,
        body.slice(0, 60),
        isAccepted || (status >= 400 && status < 500) ? "refused" : `${status} ${text}`,
      ]).toEqual([path, body.slice(0, 60), "refused"]);
    }
    const invalid = await fetch(node.url + path, {
      method: "POST",
      body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
    });
    expect([path, invalid.status]).toEqual([path, 400]);
  }
  expect((await node.status()).height).toBeGreaterThanOrEqual(0);
}
