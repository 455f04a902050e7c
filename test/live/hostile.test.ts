import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ATTACKS, type Attack } from "../hostile/attacks.ts";
import { attackedChain } from "../hostile/foe.ts";
import { LiveFoe } from "../hostile/live-foe.ts";
import { NodeUnderTest, Scratch, until } from "../support/live-process.ts";
import { BlockAuthor } from "../support/mined-blocks.ts";

/** What the node under attack may take of the machine's memory, all attacks one after the other, bytes: 380 MB were seen, 130 of them at rest. */
const RESIDENT_BYTES_MAX = 512 * 1024 * 1024;

const GENESIS_TIME_MS = 1_735_689_600_000;
const chain = attackedChain(GENESIS_TIME_MS);
const scratch = new Scratch();
let victim: NodeUnderTest;
let honest: NodeUnderTest;

beforeAll(async () => {
  const { parameters } = new BlockAuthor(chain).tree;
  const text = JSON.parse(
    JSON.stringify(parameters, (_key, value) => (typeof value === "bigint" ? value.toString() : value)),
  );
  const file = scratch.json("chain.json", text);
  const flags = (name: string) => ["--name", name, "--dir", scratch.dir(name), "--chain", file];
  victim = await NodeUnderTest.start([...flags("victim"), "--mine", "off"]);
  honest = await NodeUnderTest.start([...flags("honest"), "--mine", "demand", "--peer", victim.url]);
  for (let block = 0; block < 30; block += 1) await honest.send("POST", "/mine", {});
});

afterAll(async () => {
  await Promise.all([victim[Symbol.asyncDispose](), honest[Symbol.asyncDispose]()]);
  scratch[Symbol.dispose]();
});

interface PeersJson {
  readonly bans: readonly { readonly name: string; readonly code: string; readonly untilMs: number }[];
}

/** The sum over all series of a metric. */
async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${victim.url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** The node is up, bounded, and follows the honest one. */
async function expectUnharmed(): Promise<void> {
  const mined = await honest.send("POST", "/mine", {});
  expect(mined.status).toBe(201);
  await until(async () => {
    const [mine, theirs] = await Promise.all([victim.status(), honest.status()]);
    return mine.tip === theirs.tip ? mine : null;
  });
  expect(await victim.get("/health")).toEqual({ ok: true });
  expect(await metric("process_resident_memory_bytes")).toBeLessThan(RESIDENT_BYTES_MAX);
}

async function bansOf(name: string): Promise<string[]> {
  const { bans } = await victim.get<PeersJson>("/peers");
  return bans.filter((ban) => ban.name === name && ban.untilMs > Date.now()).map(({ code }) => code);
}

async function endure(attack: Attack): Promise<void> {
  const before = await metric(attack.metric ?? "forklab_peer_bans_total");
  await using foe = await LiveFoe.link(victim, `foe-${ATTACKS.indexOf(attack)}`, new BlockAuthor(chain));
  await attack.run(foe);
  await expectUnharmed();
  if (attack.ban === null) expect(await bansOf(foe.name)).toEqual([]);
  else await until(async () => ((await bansOf(foe.name))[0] === attack.ban ? true : null));
  if (attack.ban !== null || attack.metric !== undefined)
    expect(await metric(attack.metric ?? "forklab_peer_bans_total")).toBeGreaterThan(before);
}

for (const attack of ATTACKS) test(`a node bears ${attack.name}`, () => endure(attack));

test("a node bears a body without end: it stops reading", async () => {
  await using foe = await LiveFoe.link(victim, "foe-endless", new BlockAuthor(chain));
  const { port } = new URL(victim.url);
  const head = `POST /p2p/messages HTTP/1.1\r\nhost: x\r\nx-forklab-session: ${foe.session}\r\ntransfer-encoding: chunked\r\n\r\n`;
  const socket = connect(Number(port), "127.0.0.1");
  const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536), Buffer.from("\r\n")]);
  let answer = "";
  socket.on("data", (data) => {
    answer += data;
  });
  const written = await new Promise<number>((resolve) => {
    let bytes = 0;
    const more = () => {
      while (!socket.destroyed && socket.write(chunk)) bytes += chunk.length;
    };
    socket.on("drain", more);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(bytes));
    socket.write(head, more);
  });
  expect(written).toBeLessThan(64 * 1024 * 1024);
  if (answer !== "") expect(answer).toContain("413");
  await expectUnharmed();
});

test("a node bears slow drips: whoever drips holds up nobody else, and has two bodies at most", async () => {
  await using foe = await LiveFoe.link(victim, "foe-drip", new BlockAuthor(chain));
  const { port } = new URL(victim.url);
  const sockets = Array.from({ length: 60 }, () => {
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => socket.destroy());
    socket.write(
      `POST /p2p/messages HTTP/1.1\r\nhost: x\r\nx-forklab-session: ${foe.session}\r\ncontent-length: 500000\r\n\r\n`,
    );
    return socket;
  });
  const closed = () => sockets.filter((socket) => socket.destroyed || socket.readableEnded).length;
  for (const socket of sockets) socket.resume();
  await until(async () => {
    for (const socket of sockets) if (!socket.destroyed) socket.write("x");
    return closed() >= sockets.length - 2 ? true : null;
  });
  await expectUnharmed();
  for (const socket of sockets) socket.destroy();
});
