import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import * as z from "zod";
import { type DockerEngine, EngineError } from "../docker-engine.ts";
import { type InsideProcess, runInside, startInside } from "../run-inside.ts";

/** From the start of a process in a container to its being ready, and of the processes that send: on a machine that is busy. */
const START_TIMEOUT_MS = 15_000;

/** Datagrams that go one way over one link: so many, so large, so far apart. */
export interface Flow {
  readonly source: number;
  readonly target: number;
  /** At which the source knows the target. */
  readonly address: string;
  readonly count: number;
  /** Of each, without the headers. */
  readonly sizeBytes: number;
  /** 0: all at once. */
  readonly intervalMs: number;
  /** After the first flow of all. */
  readonly startMs: number;
}

/** Of one flow, in the order of their coming; what did not come is not there. */
export type Arrivals = readonly Arrival[];

export interface Arrival {
  readonly sequence: number;
  readonly oneWayMs: number;
  /** By the machine's own clock. */
  readonly atMs: number;
}

export interface Inside {
  readonly engine: DockerEngine;
  /** Id of the container of a node that runs; null when it does not. */
  readonly containerOf: (node: number) => string | null;
}

/** Prints the port when it listens, and what came when all has, its input ends, or it has waited long enough. */
const RECEIVER = `
  const [wanted, patienceMs] = process.argv.slice(1).map(Number);
  const came = [];
  const socket = require("node:dgram").createSocket({ type: "udp4", recvBufferSize: 4194304 });
  const end = () => {
    socket.removeAllListeners("message");
    process.stdout.write(JSON.stringify(came) + "\\n", () => process.exit());
  };
  setTimeout(end, patienceMs);
  process.stdin.resume().once("end", end);
  socket.on("message", (bytes) => {
    const nowNs = process.hrtime.bigint();
    const [flow, sequence, sentNs] = bytes.toString("latin1").split(" ");
    came.push([Number(flow), Number(sequence), Number(nowNs - BigInt(sentNs)) / 1e6, Number(nowNs) / 1e6]);
    if (came.length === wanted) end();
  });
  socket.bind(() => process.stdout.write(socket.address().port + "\\n"));
`;

/** Stamps each datagram with the clock that all containers of a machine share, the one that only goes forward. */
const SENDER = `
  const flows = JSON.parse(process.argv[1]);
  const socket = require("node:dgram").createSocket("udp4");
  const { setTimeout: wait } = require("node:timers/promises");
  const send = ([flow, address, port, sizeBytes], sequence) => new Promise((resolve) => {
    const words = flow + " " + sequence + " " + process.hrtime.bigint() + " ";
    socket.send(words.padEnd(sizeBytes, "x"), port, address, resolve);
  });
  const run = async (each) => {
    const [, , , , count, intervalMs, startMs] = each;
    await wait(startMs);
    const sent = [];
    for (let sequence = 0; sequence < count; sequence += 1) {
      sent.push(send(each, sequence));
      if (intervalMs > 0) await wait(intervalMs);
    }
    await Promise.all(sent);
  };
  Promise.all(flows.map(run)).then(() => socket.close());
`;

const arrivalsSchema = z.array(z.tuple([z.int(), z.int(), z.number(), z.number()]));

/**
 * Sends all these flows from inside the sources' containers and gives what came of each at its target, in their order; null for those whose ends
 * could not take part. `quietMs`: for how long something may still come when all is sent.
 */
export async function sendDatagrams(
  inside: Inside,
  flows: readonly Flow[],
  quietMs: number,
): Promise<(Arrivals | null)[]> {
  const numbered = flows.map((flow, number) => ({ ...flow, number }));
  const receivers = await Promise.all(
    [...Map.groupBy(numbered, ({ target }) => target)].map(([target, theirs]) =>
      ready(inside, target, theirs, quietMs),
    ),
  );
  const ports = new Map(receivers.flatMap((each) => (each === null ? [] : [[each.target, each.port]])));
  const heard = numbered.flatMap((flow) => {
    const port = ports.get(flow.target);
    return port === undefined ? [] : [{ ...flow, port }];
  });
  const sources = [...Map.groupBy(heard, ({ source }) => source)];
  const sent = await Promise.all(sources.map(([source, theirs]) => send(inside, source, theirs)));
  const all = receivers.map((receiver) => receiver?.told);
  await Promise.race([Promise.all(all), setTimeout(quietMs, undefined, { ref: false })]);
  for (const receiver of receivers) receiver?.endInput();
  const told = await Promise.all(
    receivers.map(async (receiver) => [receiver?.target, (await receiver?.told) ?? null] as const),
  );
  const deaf = new Set(sources.flatMap(([source], i) => (sent[i] === true ? [] : [source])));
  const heardAt = new Map(told);
  return numbered.map(({ number, source, target }) => {
    const came = heardAt.get(target) ?? null;
    return deaf.has(source) || came === null ? null : came.filter(([flow]) => flow === number).map(arrivalOf);
  });
}

interface Receiver {
  readonly target: number;
  readonly port: number;
  readonly endInput: () => void;
  /** Null when it did not come to its end. */
  readonly told: Promise<z.output<typeof arrivalsSchema> | null>;
}

/** Null when the node cannot show anything. */
async function ready(
  { engine, containerOf }: Inside,
  target: number,
  flows: readonly Flow[],
  quietMs: number,
): Promise<Receiver | null> {
  const container = containerOf(target);
  if (container === null) return null;
  const wanted = flows.reduce((sum, { count }) => sum + count, 0);
  // All others start in the meantime, and send.
  const patienceMs = 2 * (START_TIMEOUT_MS + lastSentMs(flows)) + quietMs;
  const command = ["node", "-e", RECEIVER, String(wanted), String(patienceMs)];
  try {
    const process = await startInside(engine, container, command, true);
    const port = await portOf(process);
    const { endInput } = process;
    return port === null ? null : { target, port, endInput, told: toldBy(process, 2 * patienceMs) };
  } catch (error) {
    // It stands still, or has ended meanwhile.
    if (error instanceof EngineError) return null;
    throw error;
  }
}

async function send(
  { engine, containerOf }: Inside,
  source: number,
  flows: readonly (Flow & { readonly number: number; readonly port: number })[],
): Promise<boolean> {
  const container = containerOf(source);
  if (container === null) return false;
  const told = flows.map(({ number, address, port, sizeBytes, count, intervalMs, startMs }) => {
    return [number, address, port, sizeBytes, count, intervalMs, startMs];
  });
  const command = ["node", "-e", SENDER, JSON.stringify(told)];
  try {
    const said = await runInside(engine, container, command, START_TIMEOUT_MS + 2 * lastSentMs(flows));
    return said !== null && said.stderr === "";
  } catch (error) {
    if (error instanceof EngineError) return false;
    throw error;
  }
}

/** Null of a process that says none in time. */
async function portOf({ stdout, stderr, leave }: InsideProcess): Promise<number | null> {
  stderr.resume();
  const said = new Promise<void>((resolve) => stdout.once("readable", resolve).once("end", resolve));
  await Promise.race([said, setTimeout(START_TIMEOUT_MS, undefined, { ref: false })]);
  const chunk: unknown = stdout.read();
  const port = chunk instanceof Buffer ? /^(\d+)\n/.exec(chunk.toString())?.[1] : undefined;
  if (port === undefined) leave();
  return port === undefined ? null : Number(port);
}

/** Null of a process that does not come to its end: its container was stopped. */
async function toldBy({ stdout, leave }: InsideProcess, timeoutMs: number) {
  const said = await Promise.race([text(stdout), setTimeout(timeoutMs, "", { ref: false })]);
  leave();
  return decodeArrivals(said.trimEnd().split("\n").at(-1) ?? "");
}

function decodeArrivals(json: string): z.output<typeof arrivalsSchema> | null {
  try {
    return arrivalsSchema.parse(JSON.parse(json));
  } catch {
    // Cut off with its container.
    return null;
  }
}

function lastSentMs(flows: readonly Flow[]): number {
  return Math.max(0, ...flows.map(({ startMs, count, intervalMs }) => startMs + count * intervalMs));
}

function arrivalOf([, sequence, oneWayMs, atMs]: z.output<typeof arrivalsSchema>[number]): Arrival {
  return { sequence, oneWayMs, atMs };
}
