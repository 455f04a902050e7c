import { Pool } from "undici";
import type { BenchLine } from "./bench-line.ts";
import { readLine } from "./chain-reads.ts";

const CONNECTIONS = 8;

/** The board: blocks, and posts in each. */
const BLOCKS = 100;
const POSTS_EACH = 10;

/** The bets: as many on the chain, by so many players, as many as a node keeps keys for, one of whom is asked for. */
const BETS = 100_000;
const PLAYERS = 1_000;
const BETS_EACH_BLOCK = 2_500;

/** `GET /board/chain` of 100 blocks with 10 posts each, whole, every time. */
export const boardReads: BenchLine = readLine({
  name: "board",
  path: "/board/chain",
  headers: {},
  aim: 4_000,
  least: 1_500,
  fill: async (url) => {
    const client = new Client(url);
    for (let block = 0; block < BLOCKS; block += 1) {
      for (let post = 0; post < POSTS_EACH; post += 1)
        await client.post("/board/new_transaction", {
          author: `author ${post}`,
          content: `The post ${post} of block ${block}, as long as posts are.`,
        });
      await client.get("/board/mine");
    }
    const { chain } = JSON.parse(await client.get("/board/chain"));
    await client.close();
    if (chain.length !== BLOCKS + 1) throw new Error(`the chain has ${chain.length} blocks`);
    return chain;
  },
});

/** `GET /bets/player/...` of a player who made 100 of the 100,000 bets on the chain. */
export const playerReads: BenchLine = readLine({
  name: "player",
  path: "/bets/player/player%207",
  headers: {},
  aim: 6_000,
  least: 3_000,
  fill: async (url) => {
    const client = new Client(url);
    for (let first = 0; first < BETS; first += BETS_EACH_BLOCK) {
      let at = first;
      const place = async () => {
        while (at < first + BETS_EACH_BLOCK) {
          const number = at;
          at += 1;
          const playername = `Player ${number % PLAYERS}`;
          const matchid = `match ${number % 97}`;
          await client.post("/bets/bet", { playername, matchid, teamonescore: number % 5, teamtwoscore: 1 });
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, place));
      await client.get("/bets/mine");
    }
    const bets = JSON.parse(await client.get("/bets/player/player%207"));
    await client.close();
    if (bets.length !== BETS / PLAYERS) throw new Error(`the player has ${bets.length} bets`);
    return bets;
  },
});

/** Fails at what is refused. */
class Client {
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = new Pool(url, { connections: CONNECTIONS });
  }

  post(path: string, body: unknown): Promise<string> {
    const headers = { "content-type": "application/json" };
    return this.#answer({ method: "POST", path, headers, body: JSON.stringify(body) });
  }

  get(path: string): Promise<string> {
    return this.#answer({ method: "GET", path });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #answer(request: Parameters<Pool["request"]>[0]): Promise<string> {
    const { statusCode, body } = await this.#pool.request(request);
    const text = await body.text();
    if (statusCode >= 300) throw new Error(`answered ${statusCode}: ${text}`);
    return text;
  }
}
