import fc from "fast-check";
import type { Route } from "../../node/adapters/http/route.ts";
import { ALL_ROUTES } from "../../node/all-routes.ts";
import { strangerHello } from "../support/stranger-hello.ts";
import { aPostJson, CONTROL_HEADER, type FuzzedNode } from "./fuzz-node.ts";

export interface FuzzRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

/** What the right token may not be shown to: it would end the node, or have it mine. */
const NOT_WITH_TOKEN: ReadonlySet<string> = new Set(["/control/shutdown", "/control/mining"]);

const QUERY_KEYS = ["from", "limit", "before", "whole", "url", "nonsense", "__proto__", "constructor", ""];

/** Requests to the routes of the table, some as they should be and most of them not quite. */
export function anyRequest(fuzzed: FuzzedNode): fc.Arbitrary<FuzzRequest> {
  // What reads a body, and transactions above all, has most to get wrong.
  const weighted = ALL_ROUTES.flatMap((route) =>
    Array<typeof route>(route.body === undefined ? 1 : route.path === "/transactions" ? 12 : 2).fill(route),
  );
  return fc.constantFrom(...weighted).chain((route) => requestTo(route, fuzzed));
}

function requestTo({ path, method: own }: Route<never>, fuzzed: FuzzedNode): fc.Arbitrary<FuzzRequest> {
  const otherMethod = fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH");
  return fc
    .record({
      params: fc.array(aParameter(fuzzed), { minLength: 2, maxLength: 2 }),
      query: fc.oneof({ weight: 2, arbitrary: fc.constant("") }, { weight: 1, arbitrary: aQuery() }),
      method: mostly(own, otherMethod),
      pathEnd: mostly("", fc.webPath()),
      headers: someHeaders(fuzzed.node.url),
      hasToken: fc.boolean(),
      body: fc.option(aBody(fuzzed, path), { freq: 3 }),
    })
    .map(({ params, query, method, pathEnd, headers, hasToken, body }) => {
      let at = 0;
      const filled = path.replaceAll(/:\w+/g, () => params[at++] ?? "");
      const token: Record<string, string> =
        hasToken && !NOT_WITH_TOKEN.has(path) && pathEnd === "" ? { authorization: CONTROL_HEADER } : {};
      return { method, target: `${filled}${pathEnd}${query}`, headers: { ...headers, ...token }, body };
    });
}

/** What is right seven times of eight, so that most requests get past it. */
function mostly(right: string, other: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 7, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: other });
}

function aParameter({ blocks }: FuzzedNode): fc.Arbitrary<string> {
  const known = blocks.flatMap(({ hash, header, transactions }) => [
    hash,
    header.miner,
    ...(transactions ?? []).map(({ id }) => id),
  ]);
  return fc.oneof(
    fc.constantFrom(...known),
    fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: 60, maxLength: 66 }),
    fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      .map((text) => encodeURIComponent(text.toWellFormed())),
    fc.constantFrom("%00", "%zz", "..", "%2e%2e%2f", "__proto__", "constructor"),
  );
}

function aQuery(): fc.Arbitrary<string> {
  const item = fc.oneof(
    fc.integer().map(String),
    fc.nat({ max: 20 }).map(String),
    fc.constantFrom(
      "",
      "1.0",
      "0.0",
      "3.999999999",
      "true",
      "1e3",
      "http%3A%2F%2F127.0.0.1%3A9",
      "NaN",
      "%00",
      "%ff",
    ),
    fc.string({ maxLength: 20 }).map(encodeURIComponent),
  );
  const pair = fc.tuple(fc.constantFrom(...QUERY_KEYS), item).map(([key, text]) => `${key}=${text}`);
  return fc.array(pair, { maxLength: 20 }).map((pairs) => `?${pairs.join("&")}`);
}

function someHeaders(url: string): fc.Arbitrary<Record<string, string>> {
  const latin = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 30,
  });
  return fc.record(
    {
      "content-type": fc.constantFrom(
        "application/json",
        "application/json; charset=utf-8",
        "text/plain",
        "",
        ";;",
      ),
      "accept-encoding": fc.constantFrom("gzip", "gzip;q=0", "br, *", "identity", ",,"),
      "if-none-match": fc.oneof(fc.constantFrom("*", "W/", '""'), latin),
      accept: fc.constantFrom("*/*", "text/html", "text/event-stream"),
      authorization: fc.oneof(fc.constant("Bearer wrong"), latin),
      origin: mostly(
        url,
        fc.constantFrom("null", "http://evil.example", "http://127.0.0.1", "not an origin"),
      ),
      "last-event-id": latin,
      "x-forklab-session": latin,
      "content-encoding": fc.constantFrom("gzip", "br"),
      expect: fc.constantFrom("100-continue", "something-else"),
    },
    { requiredKeys: ["content-type"] },
  );
}

/** Bodies as they should be, of the route if it takes one of these or of another. */
function aValidBody({ node }: FuzzedNode, path: string): fc.Arbitrary<string> {
  // The same bytes each time, so that a seed repeats.
  const same = { chain: { name: "test", seal: "hash" }, instance: "1".repeat(32), session: "2".repeat(32) };
  const hello = JSON.stringify(strangerHello(node.genesis, same));
  // Beyond what the blocks hold, with a gap now and then.
  const transaction = fc.nat({ max: 140 }).map((ahead) => aPostJson(node.genesis, ahead));
  const own = new Map([
    ["/p2p/hello", hello],
    ["/peers", '{"url":"http://127.0.0.1:9"}'],
    ["/control/measure", '{"peer":"nobody","drawKey":1}'],
    ["/control/probe", '{"peer":"nobody"}'],
    ["/control/mining", '{"mode":"continuous","hashesPerSec":5}'],
    ["/board/new_transaction", '{"author":"Ann","content":"hello"}'],
    ["/board/register_node", '{"node_address":"http://127.0.0.1:9/board/"}'],
    ["/board/add_block", '{"hash":"00","canonical":"AAAA"}'],
    ["/coin/transactions/new", '{"sender":"a","recipient":"b","amount":0.5}'],
    ["/coin/nodes/register", '{"nodes":["127.0.0.1:9"]}'],
    ["/bets/bet", '{"playername":"Ann","matchid":7,"teamonescore":"2","teamtwoscore":1,"amount":1}'],
    ["/bets/open", '{"openername":"Ann","matchid":7}'],
    ["/bets/result", '{"openername":"Ann","matchid":7,"teamonescore":null,"teamtwoscore":null}'],
    ["/bets/receive-new-block", '{"new_block":{"hash":"00"}}'],
    ["/bets/register-and-broadcast-node", '{"newnodeurl":"http://127.0.0.1:9"}'],
    ["/bets/register-nodes-bulk", '{"all_network_nodes":["http://127.0.0.1:9","http://127.0.0.1:10"]}'],
    ["/control/links", '{"default":{"lossRatio":0.5},"uplinkBitsPerSec":1000}'],
  ]);
  const others = fc.oneof(
    transaction,
    fc.constantFrom(...own.values(), '{"ip_address":"127.0.0.1","port":9}'),
  );
  const ownBody = path === "/transactions" ? transaction : fc.constant(own.get(path) ?? "{}");
  return fc.oneof({ weight: 3, arbitrary: ownBody }, { weight: 1, arbitrary: others });
}

function aBody(fuzzed: FuzzedNode, path: string): fc.Arbitrary<Uint8Array> {
  const valid = aValidBody(fuzzed, path);
  const bytes = (text: string) => new TextEncoder().encode(text);
  return fc.oneof(
    { weight: 8, arbitrary: valid.map(bytes) },
    fc
      .tuple(
        valid.map(bytes),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
      )
      .map(([whole, changes]) => {
        for (const [at, byte] of changes) whole[at % whole.length] = byte;
        return whole;
      }),
    fc.json().map(bytes),
    fc.nat({ max: 3_000 }).map((depth) => bytes("[".repeat(depth) + "]".repeat(depth))),
    fc.constantFrom('{"url":1,"url":2}', '{"__proto__":{"url":1}}', "9".repeat(400), '"\\ud800"').map(bytes),
    fc.uint8Array({ maxLength: 300 }),
    {
      weight: 3,
      arbitrary: fc.constantFrom(4_097, 65_537, 700_000).map((length) => new Uint8Array(length).fill(0x20)),
    },
  );
}
