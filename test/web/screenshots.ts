import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launchBrowser } from "./need-browser.ts";
import { ALICE, PageNetwork } from "./page-network.ts";
import { smallPng } from "./small-png.ts";
import { Visitor } from "./visitor.ts";

/**
 * Takes the pictures of docs/screenshots from a network that runs: every page in a light and a dark window and in one of 400 px, with four nodes, posts,
 * bets, coins and a partition. `npm run screenshots`; the pictures change with every run, since keys and times do.
 */
const FOLDER = "docs/screenshots";
const NAMES = ["north", "east", "south", "west"];

const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1_000, height: 760 } },
  dark: { colorScheme: "dark", viewport: { width: 1_000, height: 760 } },
  narrow: { colorScheme: "light", viewport: { width: 400, height: 860 } },
} as const;

/** Of the partition. */
const SIDES = [
  [0, 3],
  [1, 2],
] as const;

function sideOf(index: number): readonly number[] {
  return SIDES.find((side) => side.some((each) => each === index)) ?? [];
}

/** A picture: what it is called, and of which page. */
interface Shot {
  readonly name: string;
  readonly path: string;
}

if (import.meta.main) {
  mkdirSync(FOLDER, { recursive: true });
  const browser = await launchBrowser();
  try {
    await using network = await PageNetwork.start(NAMES);
    await using owner = await Visitor.come(browser, LOOKS.light);
    await live(network);
    await fill(owner, network);
    await shootAll(browser, network, await pagesOf(network));
    await shootWallet(owner, network);
    await network.part(SIDES[0]);
    for (const miner of [0, 1, 1, 3, 2, 1]) await network.agree(await network.mine(miner), sideOf(miner));
    await settle();
    await shootAll(browser, network, [{ name: "network", path: "network" }]);
    await shootFork(browser, network);
  } finally {
    await browser.close();
  }
}

/** Blocks of different miners, with a fork of one block. */
async function live(network: PageNetwork): Promise<void> {
  for (const miner of [0, 2, 1, 1, 3, 0, 2, 0]) await network.agree(await network.mine(miner));
  await network.part(SIDES[0]);
  await network.mine(0);
  await network.mine(1);
  const longer = await network.mine(1);
  await network.heal();
  await network.agree(longer);
  for (const miner of [3, 0, 2]) await network.agree(await network.mine(miner));
}

/** Posts, bets, coins: by the node's keyring, and by a key of the browser. */
async function fill(owner: Visitor, network: PageNetwork): Promise<void> {
  const { page } = owner;
  const tell = async (path: string, body: object) => {
    const answer = await fetch(network.at(0).url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  };
  await owner.open(network.at(0).url, "wallet");
  for (const name of ["daily", "savings"]) {
    await page.getByLabel("Name", { exact: true }).first().fill(name);
    await page.getByRole("button", { name: "Make a key" }).click();
    const row = page.getByRole("row", { name: new RegExp(`^${name} `) });
    const account = await row.getByRole("link").getAttribute("title");
    await network.submit(0, { kind: "transfer", recipient: account ?? "", amount: 12_500n });
    await page.getByRole("button", { name: "I have kept it" }).click();
  }
  await tell("/board/new_transaction", { author: "Ada", content: "Height 10, and both halves agree again." });
  await tell("/bets/bet/broadcast", {
    playername: "Ada",
    matchid: "final",
    teamonescore: 2,
    teamtwoscore: 1,
  });
  await tell("/bets/bet/broadcast", {
    playername: "Grace",
    matchid: "final",
    teamonescore: 0,
    teamtwoscore: 3,
  });
  await network.agree(await network.mine(0));
  const posts = [
    ["Grace", "Which branch won?\nThe tree page says the longer one, as it should."],
    ["Ада", "<b>Text is text</b>, whatever it says."],
  ];
  for (const [author, content] of posts) await tell("/board/new_transaction", { author, content });
  await network.agree(await network.mine(2));
  await tell("/board/new_transaction", { author: "Edsger", content: "This one waits for a block." });
}

/** Pages that show what is on the chain. */
async function pagesOf(network: PageNetwork): Promise<Shot[]> {
  const { blocks } = await network
    .at(0)
    .get<{ blocks: { hash: string; transactions: { id: string }[] }[] }>("/chain?limit=2");
  const full = blocks[0];
  return [
    { name: "overview", path: "" },
    { name: "blocks", path: "blocks" },
    { name: "block", path: `blocks/${full?.hash}` },
    { name: "transaction", path: `transactions/${full?.transactions[2]?.id}` },
    { name: "account", path: `accounts/${ALICE.publicKey}` },
    { name: "board", path: "board" },
    { name: "bets", path: "bets?match=final" },
  ];
}

/** By the one whose browser holds the keys. */
async function shootWallet(owner: Visitor, network: PageNetwork): Promise<void> {
  await owner.open(network.at(0).url, "wallet");
  for (const [look, { colorScheme, viewport }] of Object.entries(LOOKS)) {
    await owner.page.emulateMedia({ colorScheme });
    await owner.page.setViewportSize(viewport);
    await keep(owner, `wallet-${look}`);
  }
}

/** The tree while the network is parted, and in the same windows when it has healed. */
async function shootFork(browser: Browser, network: PageNetwork): Promise<void> {
  const come = async (look: keyof typeof LOOKS) => ({
    look,
    visitor: await Visitor.come(browser, LOOKS[look]),
  });
  const visits = await Promise.all([come("light"), come("dark"), come("narrow")]);
  for (const { look, visitor } of visits) {
    await visitor.open(network.at(0).url, "tree?heights=30");
    await visitor.page.locator(".tree .ghost").first().waitFor();
    await keep(visitor, `tree-partition-${look}`);
  }
  await network.heal();
  await network.agree(await network.mine(1));
  await settle();
  for (const { look, visitor } of visits) {
    await visitor.sees("gave way to");
    await visitor.page.locator(".tree .ghost").waitFor({ state: "detached" });
    await keep(visitor, `tree-${look}`);
    await visitor[Symbol.asyncDispose]();
  }
}

async function shootAll(browser: Browser, network: PageNetwork, shots: readonly Shot[]): Promise<void> {
  for (const [look, options] of Object.entries(LOOKS)) {
    await using visitor = await Visitor.come(browser, options);
    for (const { name, path } of shots) {
      await visitor.open(network.at(0).url, path);
      await visitor.page.locator("#live.up").waitFor();
      await keep(visitor, `${name}-${look}`);
    }
    if (visitor.complaints.length > 0) throw new Error(visitor.complaints.join("\n"));
  }
}

async function keep({ page }: Visitor, name: string): Promise<void> {
  writeFileSync(join(FOLDER, `${name}.png`), smallPng(await page.screenshot({ fullPage: true })));
}

/** Until every peer has told its tip again: two seconds and what a busy machine takes on top. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 3_000));
}
